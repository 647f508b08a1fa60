// Writes a notice as an entry for EventBridge, within its limit.
import type { Notice } from "../../kinds/channel.ts";
import { eventTypeOf } from "../webhook/cloud-event.ts";
import { webhookBody } from "../webhook/webhook-body.ts";

/** EventBridge's limit is 256 KB for the entry. The rest of it has less than a kilobyte. */
const maxDetailBytes = 255 * 1_024;

export function entryOf(bus: string, notice: Notice) {
  return {
    EventBusName: bus,
    Source: "tagrelay",
    DetailType: eventTypeOf(notice.subject),
    Detail: detailOf(notice),
    Time: notice.at / 1_000,
  };
}

/** The JSON of the webhook channel, with as many of the steps as fit. */
function detailOf(notice: Notice): string {
  const body = webhookBody(notice);
  const all = body.steps.length + notice.stepsLeftOut;
  let left = maxDetailBytes - sizeOf({ ...body, steps: [], stepsLeftOut: all });
  const fitting = body.steps.findIndex((step) => {
    left -= sizeOf(step) + 1;
    return left < 0;
  });
  if (fitting === -1) return JSON.stringify(body);
  return JSON.stringify({ ...body, steps: body.steps.slice(0, fitting), stepsLeftOut: all - fitting });
}

function sizeOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
