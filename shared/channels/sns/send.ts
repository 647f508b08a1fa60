// Sends notices to the subscribers of an SNS topic, for example by e-mail.
import { type ChannelKind, deliveryNeedsAttention, type Notice } from "../../kinds/channel.ts";
import { linesOf } from "../notice-text.ts";
import type { SnsSettings } from "./settings.ts";

export const sns: ChannelKind<SnsSettings> = {
  send: async ({ topic = null }, notice, { publish }) =>
    publish === null
      ? deliveryNeedsAttention(
          "expected AWS, found the local program; only a stack on AWS can publish to SNS",
        )
      : publish(topic, snsMessage(notice)),
  secretsOf: () => [],
  originsOf: () => [],
};

/** SNS's limits: a subject of 100 ASCII characters, and a message of 256 KB, with up to three bytes per character. */
export function snsMessage(notice: Notice) {
  const { title, url } = notice;
  const subject = `Tagrelay: ${title}`.replace(/[^\x20-\x7e]/g, "?");
  return {
    subject: subject.length > 100 ? `${subject.slice(0, 97)}...` : subject,
    text: [title, linesOf(notice, { maxSteps: 50, maxLine: 1_000 }).join("\n"), url ?? ""]
      .filter((part) => part !== "")
      .join("\n\n"),
  };
}
