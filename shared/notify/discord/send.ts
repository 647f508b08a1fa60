// Tells a channel of Discord, by a webhook.
import type { ChannelKind } from "../channel.ts";
import { fitInto, isLink } from "../fit-into.ts";
import type { Notice } from "../notice.ts";
import { linesOf } from "../notice-text.ts";
import { postToSecret } from "../post.ts";
import type { DiscordSettings } from "./settings.ts";

const origins = [
  "https://discord.com",
  "https://discordapp.com",
  "https://ptb.discord.com",
  "https://canary.discord.com",
];

export const discord: ChannelKind<DiscordSettings> = {
  send: ({ secret }, notice, context) =>
    postToSecret(
      {
        ...{ who: "Discord", secret, origins },
        expected: "the URL of a webhook, https://discord.com/api/webhooks/…",
        remedy: `make a new one there, and put its URL into ${secret}`,
      },
      discordMessage(notice),
      context,
    ),
  secretsOf: ({ secret }) => [secret],
  originsOf: () => origins,
};

const colors: Record<Notice["subject"], number> = {
  failed: 0xd32f2f,
  stalled: 0xf9a825,
  recovered: 0x388e3c,
  succeeded: 0x388e3c,
  cancelled: 0x9e9e9e,
  test: 0x1976d2,
};

/** An embed takes a title of 256 characters and a description of 4,096. */
export function discordMessage(notice: Notice) {
  const { subject, title, url, at } = notice;
  const description = joined(linesOf(notice, { steps: 10, reason: 600 }, escapeMarkdown), 4_096);
  return {
    embeds: [
      {
        title: fitInto(title, 256, escapeMarkdown),
        ...(description === "" ? {} : { description }),
        color: colors[subject],
        timestamp: new Date(at).toISOString(),
        ...(url === null || url.length > 2_000 ? {} : { url }),
      },
    ],
    // Nobody is called, whatever a reason says.
    allowed_mentions: { parse: [] },
  };
}

/** Whole lines, as many as fit. */
function joined(lines: readonly string[], atMost: number): string {
  let text = "";
  for (const line of lines) {
    if (text.length + line.length + 1 > atMost - 1) return `${text}…`;
    text += `${text === "" ? "" : "\n"}${line}`;
  }
  return text;
}

function escapeMarkdown(piece: string): string {
  // In brackets a link stays as it is, and shows no preview.
  if (isLink(piece)) return `<${piece}>`;
  return /[\\*_~`|<>[\]]/.test(piece) ? `\\${piece}` : piece;
}
