// Tells any other program, by a request with JSON that is signed if there is a secret to do so.
import { createHmac } from "node:crypto";
import { type ChannelKind, noticeTimeoutMs, refusedForPeople } from "../channel.ts";
import { fitInto } from "../fit-into.ts";
import type { Notice } from "../notice.ts";
import { linesOf } from "../notice-text.ts";
import { readTold } from "../post.ts";
import type { WebhookSettings } from "./settings.ts";

export const webhook: ChannelKind<WebhookSettings> = {
  send: async ({ url, secret }, notice, { send, readSecret, clock }) => {
    const key = secret === undefined ? undefined : await readSecret(secret);
    if (key === null) return refusedForPeople(`the secret ${secret} is missing`);
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
    return readTold(host, answer, clock(), "see to what answers there, or change the channel's url");
  },
  secretsOf: ({ secret }) => (secret === undefined ? [] : [secret]),
  originsOf: ({ url }) => [new URL(url).origin],
};

/** As GitHub signs its webhooks, so that there is something to copy for whoever checks it. */
function sign(body: string, key: string): string {
  return `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
}

const reasonAtMost = 2_000;

/** What docs/configuration.md promises. */
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
    text: linesOf(notice, { steps: 20, reason: reasonAtMost }).join("\n"),
    steps: steps.map(({ name, reason, attempts }) => ({
      name,
      reason: fitInto(reason, reasonAtMost),
      attempts,
    })),
    url,
  };
}
