// Reads what a builder's HTTP answer means for a trigger.
import type { TriggerFailure, TriggerOutcome } from "../kinds/builder.ts";
import { readRetryAfter } from "../outgoing/retry-after.ts";
import type { Answer } from "../outgoing/send.ts";

export const accepted: TriggerOutcome = { kind: "accepted", build: null };

export function missingSecret(name: string): TriggerFailure {
  return { kind: "rejected", reason: `the secret ${name} is missing` };
}

/** Adds advice to a rejection. */
export function advise(
  outcome: TriggerOutcome,
  answer: Answer,
  adviceFor: (status: number) => string | null,
): TriggerOutcome {
  if (outcome.kind !== "rejected" || answer.kind !== "answered") return outcome;
  const advice = adviceFor(answer.status);
  return advice === null ? outcome : { ...outcome, reason: `${outcome.reason}: ${advice}` };
}

/** What any builder's answer means; `who` is the builder's name. */
export function readAnswer(who: string, answer: Answer, clock: () => number): TriggerOutcome {
  if (answer.kind === "unsent") {
    return { kind: "refused", reason: `could not reach ${who}: ${answer.reason}`, retryAfterMs: null };
  }
  if (answer.kind === "unanswered") return { kind: "unknown", reason: `${who}: ${answer.reason}` };
  const { status } = answer;
  if (status >= 200 && status < 300) return accepted;
  const reason = `${who} answered ${status}`;
  const retryAfterMs = readRetryAfter(answer.header("retry-after"), clock());
  // GitHub's secondary rate limit is a 403 with a Retry-After.
  const saysWhen = retryAfterMs !== null && status >= 400;
  if (saysWhen || status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: "refused", reason, retryAfterMs };
  }
  return { kind: "rejected", reason };
}
