// Sends notices to a Discord channel, by a webhook.
import type { ChannelKind, Notice } from "../../kinds/channel.ts";
import { fitInto, isLink } from "../fit-into.ts";
import { bodyOf, linkOf } from "../notice-text.ts";
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
        who: "Discord",
        secret,
        origins,
        expected: "the URL of a webhook, https://discord.com/api/webhooks/…",
        remedy: `create a new one in Discord and put its URL into ${secret}`,
      },
      discordMessage(notice),
      context,
    ),
  // Discord accepts 30 messages a minute for each webhook.
  gapMs: 2_000,
  secretsOf: ({ secret }) => [secret],
  originsOf: () => origins,
};

const colors: Record<Notice["subject"], number> = {
  failed: 0xd32f2f,
  stalled: 0xf9a825,
  recovered: 0x388e3c,
  succeeded: 0x388e3c,
  cancelled: 0x9e9e9e,
  stale: 0xf9a825,
  approval: 0xf9a825,
  test: 0x1976d2,
};

/** Discord's limits for an embed: 256 characters of title, 4,096 of description. */
export function discordMessage(notice: Notice) {
  const { subject, title, at } = notice;
  const url = linkOf(notice);
  const description = bodyOf(notice, { maxSteps: 10, maxLine: 600, maxLength: 4_096 }, escapeMarkdown);
  return {
    embeds: [
      {
        title: fitInto(title, 256, escapeMarkdown),
        ...(description === "" ? {} : { description }),
        color: colors[subject],
        timestamp: new Date(at).toISOString(),
        ...(url === null ? {} : { url }),
      },
    ],
    // A reason must not mention anyone.
    allowed_mentions: { parse: [] },
  };
}

function escapeMarkdown(piece: string): string {
  // In angle brackets a link needs no escaping, and shows no preview.
  if (isLink(piece)) return `<${piece}>`;
  return /[\\*_~`|<>[\]]/.test(piece) ? `\\${piece}` : piece;
}
