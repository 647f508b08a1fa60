// The server that the notices of a simulated world go to. A quarter of the worlds have one.
import * as z from "zod";
import type { ChannelConfig } from "../../shared/channels/channels.ts";
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import { createAnswered, unanswered, unsent } from "./answers.ts";
import type { Faults } from "./faults.ts";

const host = "ops.example.org";

const url = `https://${host}/tagrelay`;
export const channel: ChannelConfig = { name: "ops", to: { kind: "webhook", url } };
/** The channel in a configuration. By default, all pipelines notify it. */
export const subscription = { webhook: { url }, on: ["failed", "recovered", "succeeded"] };

const noticeSchema = z.object({ id: z.string(), event: z.string(), run: z.nullable(z.string()) });
export type ReceivedNotice = z.infer<typeof noticeSchema>;

/** Null for requests to other hosts. */
export function createNoticeServer(
  now: () => number,
  faults: Faults,
  receive: (notice: ReceivedNotice) => void,
): (outgoing: Outgoing) => Answer | null {
  const answered = createAnswered(now);
  return ({ url: address, body }) => {
    if (address !== url) return null;
    if (faults.happens("notice cannot be sent")) return unsent;
    if (faults.happens("notice is refused")) return answered(500);
    if (faults.happens("notice is throttled")) return answered(429, "", { "retry-after": "60" });
    receive(noticeSchema.parse(JSON.parse(body ?? "")));
    return faults.happens("notice's answer is lost") ? unanswered : answered(204);
  };
}
