// Tells a channel or chat of Microsoft Teams, by a workflow that starts when a webhook request is received: an Adaptive
// Card. The connectors of Office 365, which took other messages at other addresses, are retired.
import type { ChannelKind } from "../channel.ts";
import { fitInto, some } from "../fit-into.ts";
import type { Notice } from "../notice.ts";
import { stepText } from "../notice-text.ts";
import { postToSecret } from "../post.ts";
import type { TeamsSettings } from "./settings.ts";

/** Where workflows are, now and before they were moved. */
const origins = ["https://*.api.powerplatform.com", "https://*.logic.azure.com"];

export const teams: ChannelKind<TeamsSettings> = {
  send: ({ secret }, notice, context) =>
    postToSecret(
      {
        ...{ who: "Microsoft Teams", secret, origins },
        expected: "the URL of a workflow, https://….api.powerplatform.com/…",
        remedy: `see whether the workflow is turned on, or make a new one and put its URL into ${secret}`,
      },
      teamsMessage(notice),
      context,
    ),
  secretsOf: ({ secret }) => [secret],
  originsOf: () => origins,
};

const colors: Record<Notice["subject"], "attention" | "warning" | "good" | "default" | "accent"> = {
  failed: "attention",
  stalled: "warning",
  recovered: "good",
  succeeded: "good",
  cancelled: "default",
  test: "accent",
};

/** A message takes 28 KB, of which a character may need three bytes. */
const stepsAtMost = 10;
const textAtMost = 500;

export function teamsMessage(notice: Notice) {
  const { subject, title, steps, remarks, url } = notice;
  const { shown, more } = some(steps, stepsAtMost);
  // Text runs know no Markdown: what comes from outside stays as it is.
  const line = (text: string, style = {}) => ({
    type: "RichTextBlock",
    inlines: [{ type: "TextRun", text: fitInto(text, textAtMost), ...style }],
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
            ...shown.map((step) => line(`• ${stepText(step)}`)),
            ...(more === 0 ? [] : [line(`• and ${more} more`)]),
            ...remarks.map((remark) => line(remark)),
          ],
          actions:
            url === null || url.length > 2_000
              ? []
              : [{ type: "Action.OpenUrl", title: "See what happened", url }],
        },
      },
    ],
  };
}
