// Sends notices as JSON to any URL, signed if there is a secret.
import { createHmac } from "node:crypto";
import { type ChannelKind, deliveryNeedsAttention, noticeTimeoutMs } from "../../kinds/channel.ts";
import { readDelivery } from "../post.ts";
import { cloudEvent } from "./cloud-event.ts";
import type { WebhookSettings } from "./settings.ts";
import { webhookBody } from "./webhook-body.ts";

export const webhook: ChannelKind<WebhookSettings> = {
  send: async ({ url, secret, format }, notice, { send, readSecret, clock }) => {
    const key = secret === undefined ? undefined : await readSecret(secret);
    if (key === null) return deliveryNeedsAttention(`the secret ${secret} is missing`);
    const isCloudEvent = format === "cloudevents";
    const body = JSON.stringify(isCloudEvent ? cloudEvent(notice) : webhookBody(notice));
    const { host } = new URL(url);
    const answer = await send({
      method: "POST",
      url,
      headers: {
        "content-type": isCloudEvent ? "application/cloudevents+json; charset=utf-8" : "application/json",
        "user-agent": "tagrelay",
        "x-tagrelay-delivery": notice.id,
        ...(key === undefined ? {} : { "x-tagrelay-signature-256": sign(body, key.trim()) }),
      },
      body,
      timeoutMs: noticeTimeoutMs,
    });
    return readDelivery(host, answer, clock(), "check the server at that URL, or change the channel's url");
  },
  secretsOf: ({ secret }) => (secret === undefined ? [] : [secret]),
  originsOf: ({ url }) => [new URL(url).origin],
};

/** The same signature as in GitHub's webhooks, for which there are many examples. */
function sign(body: string, key: string): string {
  return `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
}
