// Sends notices as Adaptive Cards to a Microsoft Teams channel or chat, by a workflow that a webhook request starts. The
// Office 365 connectors, with other messages and URLs, are retired.
import type { ChannelKind, Notice } from "../../kinds/channel.ts";
import { firstOf, fitInto } from "../fit-into.ts";
import { linkOf, stepText } from "../notice-text.ts";
import { postToSecret } from "../post.ts";
import type { TeamsSettings } from "./settings.ts";

/** The present origin of workflows, and the former one. */
const origins = ["https://*.api.powerplatform.com", "https://*.logic.azure.com"];

export const teams: ChannelKind<TeamsSettings> = {
  send: ({ secret }, notice, context) =>
    postToSecret(
      {
        who: "Microsoft Teams",
        secret,
        origins,
        expected: "the URL of a workflow, https://….api.powerplatform.com/…",
        remedy: `check that the workflow is turned on, or create a new one and put its URL into ${secret}`,
      },
      teamsMessage(notice),
      context,
    ),
  // Workflows are throttled; a message a second is well below that.
  gapMs: 1_000,
  secretsOf: ({ secret }) => [secret],
  originsOf: () => origins,
};

const colors: Record<Notice["subject"], "attention" | "warning" | "good" | "default" | "accent"> = {
  failed: "attention",
  stalled: "warning",
  recovered: "good",
  succeeded: "good",
  cancelled: "default",
  stale: "warning",
  approval: "warning",
  test: "accent",
};

/** A message may have 28 KB, and a character up to three bytes. */
const maxSteps = 10;
const maxLine = 500;

export function teamsMessage(notice: Notice) {
  const { subject, title, steps, stepsLeftOut, remarks } = notice;
  const url = linkOf(notice);
  const { shown, more } = firstOf(steps, maxSteps, stepsLeftOut);
  // Text runs have no Markdown, so text from outside needs no escaping.
  const line = (text: string, style = {}) => ({
    type: "RichTextBlock",
    inlines: [{ type: "TextRun", text: fitInto(text, maxLine), ...style }],
  });
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          msteams: { width: "Full" },
          body: [
            line(title, { size: "large", weight: "bolder", color: colors[subject] }),
            ...shown.map((step) => line(`• ${stepText(step, maxLine - 2)}`)),
            ...(more === 0 ? [] : [line(`• and ${more} more`)]),
            ...remarks.map((remark) => line(remark)),
          ],
          actions: url === null ? [] : [{ type: "Action.OpenUrl", title: "See what happened", url }],
        },
      },
    ],
  };
}
