// Sends notices to a Slack channel, by an incoming webhook.
import type { ChannelKind, Notice } from "../../kinds/channel.ts";
import { fitInto, isLink } from "../fit-into.ts";
import { linesOf, linkOf } from "../notice-text.ts";
import { postToSecret } from "../post.ts";
import type { SlackSettings } from "./settings.ts";

const origins = ["https://hooks.slack.com", "https://hooks.slack-gov.com"];

export const slack: ChannelKind<SlackSettings> = {
  send: ({ secret }, notice, context) =>
    postToSecret(
      {
        who: "Slack",
        secret,
        origins,
        expected: "the URL of an incoming webhook, https://hooks.slack.com/services/…",
        remedy: `create a new one in Slack and put its URL into ${secret}`,
      },
      slackMessage(notice),
      context,
    ),
  // Slack accepts one message a second, and short bursts.
  gapMs: 1_000,
  secretsOf: ({ secret }) => [secret],
  originsOf: () => origins,
};

const marks: Record<Notice["subject"], string> = {
  failed: ":red_circle:",
  stalled: ":large_yellow_circle:",
  recovered: ":large_green_circle:",
  succeeded: ":large_green_circle:",
  cancelled: ":white_circle:",
  stale: ":large_yellow_circle:",
  approval: ":large_yellow_circle:",
  test: ":large_blue_circle:",
};

/** Slack's limits: 150 characters in a header, 3,000 in a section, 50 blocks in a message. */
export function slackMessage(notice: Notice) {
  const { subject, title } = notice;
  const url = linkOf(notice);
  const section = (text: string) => ({
    type: "section",
    // Verbatim: nothing becomes a mention or a link unless it is written as one.
    text: { type: "mrkdwn", text, verbatim: true },
  });
  return {
    // For places without blocks, such as a phone's notifications.
    text: fitInto(title, 1_000, escapeMrkdwn),
    blocks: [
      {
        type: "header",
        text: { type: "plain_text", text: fitInto(`${marks[subject]} ${title}`, 150), emoji: true },
      },
      ...linesOf(notice, { maxSteps: 10, maxLine: 1_000 }, escapeMrkdwn).map(section),
      ...(url === null ? [] : [section(`<${url.replaceAll("&", "&amp;")}|See what happened>`)]),
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** Slack treats only these three characters as markup. */
function escapeMrkdwn(piece: string): string {
  const escaped = piece.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return isLink(piece) ? `<${escaped}>` : escaped;
}
