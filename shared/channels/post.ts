// Posts JSON to a channel's secret URL, and reads the answer.
import {
  type ChannelContext,
  type Delivery,
  deliveryFailed,
  deliveryNeedsAttention,
  noticeTimeoutMs,
} from "../kinds/channel.ts";
import { isOnThisMachine, matchesOrigin } from "../outgoing/origins.ts";
import { readRetryAfter } from "../outgoing/retry-after.ts";
import type { Answer } from "../outgoing/send.ts";

export type SecretUrlTarget = {
  /** The service's name, for reasons. */
  who: string;
  secret: string;
  /** The origins of such URLs. Nothing is sent elsewhere, whatever the secret contains. */
  origins: readonly string[];
  /** What the secret has to be. */
  expected: string;
  /** What to do if the service no longer accepts the URL. */
  remedy: string;
};

export async function postToSecret(
  { who, secret, origins, expected, remedy }: SecretUrlTarget,
  body: unknown,
  { send, readSecret, clock }: ChannelContext,
): Promise<Delivery> {
  const value = await readSecret(secret);
  if (value === null) return deliveryNeedsAttention(`the secret ${secret} is missing`);
  const url = URL.parse(value.trim());
  const isAllowed =
    url !== null && (isOnThisMachine(url) || origins.some((origin) => matchesOrigin(url, origin)));
  if (!isAllowed)
    return deliveryNeedsAttention(`expected ${expected} in ${secret}, found something else (not shown)`);
  const answer = await send({
    method: "POST",
    url: url.href,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    timeoutMs: noticeTimeoutMs,
  });
  return readDelivery(who, answer, clock(), remedy);
}

/** What a service says by 404 and 410, and by 401 and 403. */
export type RefusalWords = { missing: string; unauthorized: string };

const ofWebhooks: RefusalWords = {
  missing: "the webhook no longer exists",
  unauthorized: "it rejected the webhook",
};

/** What any service's answer means; `remedy` is what to do if it does not change. */
export function readDelivery(
  who: string,
  answer: Answer,
  now: number,
  remedy: string,
  { missing, unauthorized }: RefusalWords = ofWebhooks,
): Delivery {
  if (answer.kind === "unsent")
    return deliveryFailed(`could not reach ${who}: ${answer.reason}`, unansweredRetryMs);
  // It may have been delivered, but a repeated notice is better than none.
  if (answer.kind === "unanswered") return deliveryFailed(`${who}: ${answer.reason}`, unansweredRetryMs);
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const answered = `${who} answered ${status}`;
  if (status === 404 || status === 410) return deliveryNeedsAttention(`${answered}: ${missing}; ${remedy}`);
  if (status === 401 || status === 403) {
    return deliveryNeedsAttention(`${answered}: ${unauthorized}; ${remedy}`);
  }
  if (status >= 300 && status < 400) {
    return deliveryNeedsAttention(`${answered}: redirects are not followed; ${remedy}`);
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return deliveryFailed(answered, readRetryAfter(answer.header("retry-after"), now));
  }
  return deliveryNeedsAttention(`${answered}: it rejected the message; ${remedy}`);
}

/** A channel that did not answer is paused for this long, so that not every sweep waits for it. */
const unansweredRetryMs = 30_000;
