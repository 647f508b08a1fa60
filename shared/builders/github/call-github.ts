// Sends requests to GitHub's API, and reads its answers, including its own kind of rate limit.
import { type BuilderContext, type TriggerOutcome, triggerTimeoutMs } from "../../kinds/builder.ts";
import { replaceKnownHost } from "../../outgoing/origins.ts";
import { readRetryAfter } from "../../outgoing/retry-after.ts";
import type { Answer } from "../../outgoing/send.ts";
import { readAnswer } from "../read-answer.ts";

export type GithubRequest = { method: "POST" | "PUT"; path: string; body?: unknown; timeoutMs?: number };

export function callGithub(
  { method, path, body, timeoutMs = triggerTimeoutMs }: GithubRequest,
  token: string,
  { send, origins }: BuilderContext,
): Promise<Answer> {
  const url = new URL(`https://api.github.com${path}`);
  return send({
    method,
    url: replaceKnownHost(url, origins),
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": "tagrelay",
      "x-github-api-version": "2022-11-28",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeoutMs,
  });
}

export function readGithubAnswer(answer: Answer, clock: () => number): TriggerOutcome {
  return readRateLimit(answer, clock()) ?? readAnswer("GitHub", answer, clock);
}

/** When GitHub's rate limit is used up, it answers 403 or 429 and names the reset in epoch seconds. */
function readRateLimit(answer: Answer, now: number): TriggerOutcome | null {
  if (answer.kind !== "answered" || (answer.status !== 403 && answer.status !== 429)) return null;
  if (answer.header("x-ratelimit-remaining") !== "0") return null;
  const reset = answer.header("x-ratelimit-reset") ?? "";
  const untilResetMs = /^\d{1,12}$/.test(reset) ? Math.max(0, Number(reset) * 1000 - now) : null;
  return {
    kind: "refused",
    reason: `GitHub answered ${answer.status}: the rate limit is used up`,
    retryAfterMs: readRetryAfter(answer.header("retry-after"), now) ?? untilResetMs,
  };
}
