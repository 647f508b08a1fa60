// Sends notices to phones, by Pushover.
import {
  type ChannelKind,
  deliveryNeedsAttention,
  type Notice,
  noticeTimeoutMs,
} from "../../kinds/channel.ts";
import { fitInto } from "../fit-into.ts";
import { bodyOf } from "../notice-text.ts";
import { readDelivery } from "../post.ts";
import type { PushoverSettings } from "./settings.ts";

const origin = "https://api.pushover.net";

export const pushover: ChannelKind<PushoverSettings> = {
  send: async ({ secret, userSecret, device, priority = 0 }, notice, { send, readSecret, clock }) => {
    const token = (await readSecret(secret))?.trim();
    if (token === undefined) return deliveryNeedsAttention(`the secret ${secret} is missing`);
    const user = (await readSecret(userSecret))?.trim();
    if (user === undefined) return deliveryNeedsAttention(`the secret ${userSecret} is missing`);
    const answer = await send({
      method: "POST",
      url: `${origin}/1/messages.json`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        token,
        user,
        priority,
        ...(device === undefined ? {} : { device }),
        ...pushoverMessage(notice),
      }),
      timeoutMs: noticeTimeoutMs,
    });
    const remedy = `check the application's token in ${secret} and the key in ${userSecret}`;
    return readDelivery("Pushover", answer, clock(), remedy);
  },
  secretsOf: ({ secret, userSecret }) => [secret, userSecret],
  originsOf: () => [origin],
};

/** Pushover's limits: 250 characters of title, 1,024 of message, 512 of URL. */
export function pushoverMessage(notice: Notice) {
  const { title, url, at } = notice;
  return {
    title: fitInto(title, 250),
    message: bodyOf(notice, { maxSteps: 5, maxLine: 300, maxLength: 1_024 }) || fitInto(title, 250),
    timestamp: Math.floor(at / 1_000),
    ...(url === null || url.length > 512 ? {} : { url, url_title: "See what happened" }),
  };
}
