// Sends notices to a Gotify server.
import {
  type ChannelKind,
  deliveryNeedsAttention,
  type Notice,
  noticeTimeoutMs,
} from "../../kinds/channel.ts";
import { fitInto } from "../fit-into.ts";
import { bodyOf, linkOf } from "../notice-text.ts";
import { readDelivery } from "../post.ts";
import type { GotifySettings } from "./settings.ts";

export const gotify: ChannelKind<GotifySettings> = {
  send: async ({ url, secret, priority }, notice, { send, readSecret, clock }) => {
    const token = (await readSecret(secret))?.trim();
    if (token === undefined) return deliveryNeedsAttention(`the secret ${secret} is missing`);
    const answer = await send({
      method: "POST",
      url: `${url.replace(/\/+$/, "")}/message`,
      headers: { "content-type": "application/json", "x-gotify-key": token },
      body: JSON.stringify(gotifyMessage(notice, priority)),
      timeoutMs: noticeTimeoutMs,
    });
    const remedy = `check the channel's url, and the token of the application in ${secret}`;
    return readDelivery(new URL(url).host, answer, clock(), remedy, {
      missing: "there is no Gotify at this address",
      unauthorized: "it refused the token",
    });
  },
  secretsOf: ({ secret }) => [secret],
  originsOf: ({ url }) => [new URL(url).origin],
};

/** Gotify has no limit of its own; this is what a phone can show. */
export function gotifyMessage(notice: Notice, priority?: number) {
  const { subject, title } = notice;
  const url = linkOf(notice);
  const isUrgent = subject === "failed" || subject === "stalled";
  return {
    title: fitInto(title, 250),
    message: bodyOf(notice, { maxSteps: 10, maxLine: 600, maxLength: 4_000 }) || title,
    priority: priority ?? (isUrgent ? 8 : 5),
    extras: {
      // A reason stays text.
      "client::display": { contentType: "text/plain" },
      ...(url === null ? {} : { "client::notification": { click: { url } } }),
    },
  };
}
