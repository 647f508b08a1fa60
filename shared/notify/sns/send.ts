// Tells whoever has subscribed to one of AWS's topics, such as by e-mail.
import { type ChannelKind, refusedForPeople } from "../channel.ts";
import type { Notice } from "../notice.ts";
import { linesOf } from "../notice-text.ts";
import type { SnsSettings } from "./settings.ts";

export const sns: ChannelKind<SnsSettings> = {
  send: async ({ topic = null }, notice, { publish }) =>
    publish === null
      ? refusedForPeople("expected AWS, found one machine: the channel needs a topic of SNS")
      : publish(topic, snsMessage(notice)),
  secretsOf: () => [],
  originsOf: () => [],
};

/** A subject is at most 100 characters of ASCII; a message 256 KB, of which a character may need three bytes. */
export function snsMessage(notice: Notice) {
  const { title, url } = notice;
  const subject = `Tagrelay: ${title}`.replace(/[^\x20-\x7e]/g, "?");
  return {
    subject: subject.length > 100 ? `${subject.slice(0, 97)}...` : subject,
    text: [title, linesOf(notice, { steps: 50, reason: 1_000 }).join("\n"), url ?? ""]
      .filter((part) => part !== "")
      .join("\n\n"),
  };
}
