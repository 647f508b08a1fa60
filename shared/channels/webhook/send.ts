// Sends notices as JSON to any URL, signed if there is a secret.
import { createHmac } from "node:crypto";
import {
  type ChannelKind,
  deliveryNeedsAttention,
  type Notice,
  noticeTimeoutMs,
} from "../../kinds/channel.ts";
import { fitInto } from "../fit-into.ts";
import { linesOf } from "../notice-text.ts";
import { readDelivery } from "../post.ts";
import type { WebhookSettings } from "./settings.ts";

export const webhook: ChannelKind<WebhookSettings> = {
  send: async ({ url, secret }, notice, { send, readSecret, clock }) => {
    const key = secret === undefined ? undefined : await readSecret(secret);
    if (key === null) return deliveryNeedsAttention(`the secret ${secret} is missing`);
    const body = JSON.stringify(webhookBody(notice));
    const { host } = new URL(url);
    const answer = await send({
      method: "POST",
      url,
      headers: {
        "content-type": "application/json",
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

const maxReason = 2_000;

/** Documented in docs/configuration.md. */
export function webhookBody(notice: Notice) {
  const { id, subject, pipeline, runId, at, since, title, steps, url } = notice;
  return {
    id,
    event: subject,
    pipeline,
    run: runId,
    at: new Date(at).toISOString(),
    since: since === null ? null : new Date(since).toISOString(),
    title,
    text: linesOf(notice, { maxSteps: 20, maxLine: maxReason }).join("\n"),
    steps: steps.map(({ name, reason, attempts }) => ({
      name,
      reason: fitInto(reason, maxReason),
      attempts,
    })),
    url,
  };
}
