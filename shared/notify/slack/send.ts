// Tells a channel of Slack, by an incoming webhook.
import type { ChannelKind } from "../channel.ts";
import { fitInto, isLink } from "../fit-into.ts";
import type { Notice } from "../notice.ts";
import { linesOf } from "../notice-text.ts";
import { postToSecret } from "../post.ts";
import type { SlackSettings } from "./settings.ts";

const origins = ["https://hooks.slack.com", "https://hooks.slack-gov.com"];

export const slack: ChannelKind<SlackSettings> = {
  send: ({ secret }, notice, context) =>
    postToSecret(
      {
        ...{ who: "Slack", secret, origins },
        expected: "the URL of an incoming webhook, https://hooks.slack.com/services/…",
        remedy: `make a new one there, and put its URL into ${secret}`,
      },
      slackMessage(notice),
      context,
    ),
  secretsOf: ({ secret }) => [secret],
  originsOf: () => origins,
};

const marks: Record<Notice["subject"], string> = {
  failed: ":red_circle:",
  stalled: ":large_yellow_circle:",
  recovered: ":large_green_circle:",
  succeeded: ":large_green_circle:",
  cancelled: ":white_circle:",
  test: ":large_blue_circle:",
};

/** A header takes 150 characters, a section 3,000, a message 50 blocks. */
export function slackMessage(notice: Notice) {
  const { subject, title, url } = notice;
  const section = (text: string) => ({
    type: "section",
    // Verbatim: nothing becomes a mention, and no link that is not written as one.
    text: { type: "mrkdwn", text, verbatim: true },
  });
  return {
    // For what shows no blocks, such as a notification on a telephone.
    text: fitInto(title, 1_000, escapeMrkdwn),
    blocks: [
      {
        type: "header",
        text: { type: "plain_text", text: fitInto(`${marks[subject]} ${title}`, 150), emoji: true },
      },
      ...linesOf(notice, { steps: 10, reason: 1_000 }, escapeMrkdwn).map(section),
      ...(url === null || url.length > 2_000
        ? []
        : [section(`<${url.replaceAll("&", "&amp;")}|See what happened>`)]),
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** These three are what links and mentions are made of. */
function escapeMrkdwn(piece: string): string {
  const escaped = piece.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return isLink(piece) ? `<${escaped}>` : escaped;
}
