// Sends notices to a Matrix room.
import { createHash } from "node:crypto";
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
import { bodyOf, linkOf } from "../notice-text.ts";
import { readDelivery } from "../post.ts";
import type { MatrixSettings } from "./settings.ts";

export const matrix: ChannelKind<MatrixSettings> = {
  send: async ({ url, room, secret }, notice, { send, readSecret, clock }) => {
    const token = (await readSecret(secret))?.trim();
    if (token === undefined) return deliveryNeedsAttention(`the secret ${secret} is missing`);
    const answer = await send({
      method: "PUT",
      url: `${url.replace(/\/+$/, "")}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${transactionOf(notice)}`,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(matrixMessage(notice)),
      timeoutMs: noticeTimeoutMs,
    });
    return readAnswer(answer, clock(), new URL(url).host, secret);
  },
  secretsOf: ({ secret }) => [secret],
  originsOf: ({ url }) => [new URL(url).origin],
};

/** The homeserver shows a notice once, even if it is sent again. */
function transactionOf({ id }: Notice): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}

/** Matrix's limit: 64 KiB for the whole event, of which the text is here twice. */
export function matrixMessage(notice: Notice) {
  const { title } = notice;
  const url = linkOf(notice);
  const lines = bodyOf(notice, { maxSteps: 20, maxLine: 600, maxLength: 8_000 });
  const html = [`<b>${escapeHtml(title)}</b>`, ...(lines === "" ? [] : lines.split("\n").map(escapeHtml))];
  const link = url === null ? [] : [`<a href="${escapeHtml(url)}">See what happened</a>`];
  return {
    // By default, clients alert nobody about an m.notice.
    msgtype: "m.text",
    body: [title, lines, url ?? ""].filter((part) => part !== "").join("\n"),
    format: "org.matrix.custom.html",
    formatted_body: [...html, ...link].join("<br>"),
    // A reason must not mention anyone.
    "m.mentions": {},
  };
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const refusal = z.object({ errcode: z.optional(z.string()), retry_after_ms: z.optional(z.number()) });

/** Older homeservers put the time to wait into the body only. */
function readAnswer(answer: Answer, now: number, host: string, secret: string): Delivery {
  const { data } = refusal.safeParse(answer.kind === "answered" ? parseJson(answer.text) : null);
  const code = data?.errcode === undefined ? "" : ` (${data.errcode.slice(0, 100)})`;
  const delivery = readDelivery(
    host,
    answer,
    now,
    `check the room, that the user has joined it, and the access token in ${secret}`,
    { missing: `it knows no such room${code}`, unauthorized: `it refused the message${code}` },
  );
  if (delivery.kind === "delivered" || delivery.retryAfterMs !== null) return delivery;
  return { ...delivery, retryAfterMs: data?.retry_after_ms ?? null };
}
