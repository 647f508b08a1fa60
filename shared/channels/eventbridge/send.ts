// Puts notices on an event bus of EventBridge, whose rules pass them on.
import * as z from "zod/mini";
import { noCredentials } from "../../aws/has-credentials.ts";
import {
  type ChannelKind,
  type Delivery,
  deliveryFailed,
  deliveryNeedsAttention,
  noticeTimeoutMs,
} from "../../kinds/channel.ts";
import { parseJson } from "../../validation/parse-json.ts";
import { entryOf } from "./entry.ts";
import type { EventbridgeSettings } from "./settings.ts";

export const eventbridge: ChannelKind<EventbridgeSettings> = {
  send: async ({ bus = "default" }, notice, { callAws }) => {
    if (callAws === undefined || callAws === null) return deliveryNeedsAttention(noCredentials);
    // An event is sent to the region of the bus.
    const [, , , region = ""] = bus.split(":");
    const answer = await callAws({
      service: "events",
      ...(region === "" ? {} : { region }),
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSEvents.PutEvents" },
      body: JSON.stringify({ Entries: [entryOf(bus, notice)] }),
      timeoutMs: noticeTimeoutMs,
      attempts: 2,
      maxTotalMs: noticeTimeoutMs,
    });
    if (answer.kind === "answered") return readEntry(answer.text);
    return answer.code === null ? deliveryFailed(`EventBridge: ${answer.reason}`) : failure(answer.code);
  },
  secretsOf: () => [],
  originsOf: () => [],
};

const answerSchema = z.object({
  FailedEntryCount: z.number(),
  Entries: z.array(z.object({ ErrorCode: z.optional(z.string()) })),
});

/** EventBridge answers with 200 for an entry that it refuses, too. */
function readEntry(text: string): Delivery {
  const { data } = answerSchema.safeParse(parseJson(text));
  if (data === undefined) {
    return deliveryFailed("EventBridge: expected FailedEntryCount and Entries in the answer (not shown)");
  }
  if (data.FailedEntryCount === 0) return { kind: "delivered" };
  return failure(data.Entries[0]?.ErrorCode ?? "an entry failed");
}

/** Errors that remain until somebody changes the bus or its permissions. */
const permanentErrors = new Map([
  ["AccessDeniedException", "events:PutEvents is not allowed on the bus"],
  ["NotAuthorizedForSourceException", "the bus does not accept the source tagrelay"],
  ["NotAuthorizedForDetailTypeException", "the bus does not accept this detail-type"],
  ["ResourceNotFoundException", "the bus does not exist"],
  ["InvalidArgument", "it rejected the event"],
  ["MalformedDetail", "it rejected the event"],
  ["ValidationException", "it rejected the event, or the bus is not one"],
]);

function failure(code: string): Delivery {
  const known = permanentErrors.get(code);
  return known === undefined
    ? deliveryFailed(`EventBridge: ${code}`)
    : deliveryNeedsAttention(`EventBridge: ${known} (${code})`);
}
