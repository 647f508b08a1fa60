// Posts JSON to the address of a channel, which is a secret, and says what the answer means.
import { isOnThisMachine, isOriginLike } from "../outgoing/origins.ts";
import { readRetryAfter } from "../outgoing/retry-after.ts";
import type { Answer } from "../outgoing/send.ts";
import { type ChannelContext, noticeTimeoutMs, refused, refusedForPeople, type Told } from "./channel.ts";

export type SecretAddress = {
  /** Who is asked, for the log. */
  who: string;
  secret: string;
  /** Where such an address leads: nothing else is asked, whatever the secret says. */
  origins: readonly string[];
  /** What the secret has to be. */
  expected: string;
  /** What a person does where it is not taken any more. */
  remedy: string;
};

export async function postToSecret(
  { who, secret, origins, expected, remedy }: SecretAddress,
  body: unknown,
  { send, readSecret, clock }: ChannelContext,
): Promise<Told> {
  const value = await readSecret(secret);
  if (value === null) return refusedForPeople(`the secret ${secret} is missing`);
  const url = URL.parse(value.trim());
  const isMeant =
    url !== null && (isOnThisMachine(url) || origins.some((origin) => isOriginLike(url, origin)));
  if (!isMeant)
    return refusedForPeople(`expected ${expected} in ${secret}, found something else (not shown)`);
  const answer = await send({
    method: "POST",
    url: url.href,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    timeoutMs: noticeTimeoutMs,
  });
  return readTold(who, answer, clock(), remedy);
}

/** What an answer means whoever gave it; `remedy` is what a person does where it stays so. */
export function readTold(who: string, answer: Answer, now: number, remedy: string): Told {
  if (answer.kind === "unsent") return refused(`${who} could not be asked: ${answer.reason}`, silentMs);
  // Perhaps it was told; twice is better than never.
  if (answer.kind === "unanswered") return refused(`${who}: ${answer.reason}`, silentMs);
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "taken" };
  const said = `${who} answered ${status}`;
  if (status === 404 || status === 410) return refusedForPeople(`${said}: the webhook is gone; ${remedy}`);
  if (status === 401 || status === 403) {
    return refusedForPeople(`${said}: it refuses the webhook; ${remedy}`);
  }
  if (status >= 300 && status < 400) {
    return refusedForPeople(`${said}: redirects are not followed; ${remedy}`);
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return refused(said, readRetryAfter(answer.header("retry-after"), now));
  }
  return refusedForPeople(`${said}: it did not take the message; ${remedy}`);
}

/** Who has not answered is left alone for a while, so that a sweep does not wait for it again and again. */
const silentMs = 30_000;
