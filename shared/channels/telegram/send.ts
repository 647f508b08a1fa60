// Sends notices to a Telegram chat, by a bot.
import * as z from "zod/mini";
import {
  type ChannelKind,
  type Delivery,
  deliveryNeedsAttention,
  type Notice,
  noticeTimeoutMs,
} from "../../kinds/channel.ts";
import type { Answer } from "../../outgoing/send.ts";
import { parseJson } from "../../validation/parse-json.ts";
import { fitInto, isLink } from "../fit-into.ts";
import { bodyOf, linkOf } from "../notice-text.ts";
import { readDelivery } from "../post.ts";
import type { TelegramSettings } from "./settings.ts";

const origin = "https://api.telegram.org";

export const telegram: ChannelKind<TelegramSettings> = {
  send: async ({ secret, chat, topic }, notice, { send, readSecret, clock }) => {
    const token = (await readSecret(secret))?.trim();
    if (token === undefined) return deliveryNeedsAttention(`the secret ${secret} is missing`);
    // The token is a part of the path, so nothing else may get there.
    if (!/^\d{1,20}:[\w-]{20,100}$/.test(token)) {
      return deliveryNeedsAttention(
        `expected the token of a bot, 123456:ABC…, in ${secret}, found something else (not shown)`,
      );
    }
    const answer = await send({
      method: "POST",
      url: `${origin}/bot${token}/sendMessage`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        chat_id: chat,
        ...(topic === undefined ? {} : { message_thread_id: topic }),
        ...telegramMessage(notice),
      }),
      timeoutMs: noticeTimeoutMs,
    });
    return readAnswer(answer, clock(), secret, String(chat));
  },
  // Telegram accepts 20 messages a minute for each group.
  gapMs: 3_000,
  secretsOf: ({ secret }) => [secret],
  originsOf: () => [origin],
};

const marks: Record<Notice["subject"], string> = {
  failed: "🔴",
  stalled: "🟡",
  recovered: "🟢",
  succeeded: "🟢",
  cancelled: "⚪",
  stale: "🟡",
  approval: "🟡",
  test: "🔵",
};

/** Telegram's limit: 4,096 characters. */
export function telegramMessage(notice: Notice) {
  const url = linkOf(notice);
  const title = `${marks[notice.subject]} <b>${fitInto(notice.title, 250, escapeHtml)}</b>`;
  const link = url === null ? [] : [`<a href="${escapeHtml(url)}">See what happened</a>`];
  const rest = 4_096 - title.length - (link[0]?.length ?? 0) - 2;
  const lines = bodyOf(notice, { maxSteps: 10, maxLine: 600, maxLength: rest }, escapeHtml);
  return {
    text: [title, ...(lines === "" ? [] : [lines]), ...link].join("\n"),
    parse_mode: "HTML",
    link_preview_options: { is_disabled: true },
  };
}

function escapeHtml(piece: string): string {
  const escaped = piece
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
  // A word joiner after the sign, so that a reason mentions nobody.
  return isLink(piece) ? escaped : escaped.replaceAll("@", "@\u2060");
}

const refusal = z.object({
  description: z.optional(z.string()),
  parameters: z.optional(z.object({ retry_after: z.optional(z.number()) })),
});

/** Telegram puts the time to wait, and what is wrong, into the body. */
function readAnswer(answer: Answer, now: number, secret: string, chat: string): Delivery {
  const { data } = refusal.safeParse(answer.kind === "answered" ? parseJson(answer.text) : null);
  const retryAfter = data?.parameters?.retry_after;
  const said = data?.description === undefined ? "" : ` (${fitInto(data.description, 200)})`;
  const delivery = readDelivery(
    "Telegram",
    answer,
    now,
    `check the bot's token in ${secret}, and that the bot is a member of the chat ${chat}`,
    { missing: `it knows no such bot${said}`, unauthorized: `it refused the bot${said}` },
  );
  if (delivery.kind === "delivered" || retryAfter === undefined) return delivery;
  return { ...delivery, retryAfterMs: Math.ceil(retryAfter * 1_000) };
}
