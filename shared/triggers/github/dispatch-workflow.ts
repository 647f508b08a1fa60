// Starts a workflow of GitHub Actions, which builds and pushes the image.
import { triggerTimeoutMs } from "../../core/timing.ts";
import { withOrigin } from "../../outgoing/origins.ts";
import { readRetryAfter } from "../../outgoing/retry-after.ts";
import type { Answer } from "../../outgoing/send.ts";
import { missingSecret, readAnswer, type Trigger, type TriggerOutcome } from "../trigger.ts";
import type { GithubSettings } from "./settings.ts";

export const dispatchGithubWorkflow: Trigger<GithubSettings> = async (settings, _build, context) => {
  const secret = await context.readSecret(settings.secret);
  if (secret === null) return missingSecret(settings.secret);
  const token = secret.trim();
  // What no header can carry would look like a GitHub that cannot be asked, and be tried again and again.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return { kind: "rejected", reason: `expected a token in ${settings.secret}, found something else` };
  }
  const address = `https://api.github.com/repos/${settings.repository}/actions/workflows/${settings.workflow}/dispatches`;
  const answer = await context.send({
    method: "POST",
    url: withOrigin(address, context.origins) ?? address,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": "tagrelay",
      "x-github-api-version": "2022-11-28",
    },
    body: JSON.stringify({
      ref: settings.ref,
      // GitHub refuses inputs that the workflow does not declare: none are sent but those that are asked for.
      ...(settings.inputs === undefined ? {} : { inputs: settings.inputs }),
    }),
    timeoutMs: triggerTimeoutMs,
  });
  return readRateLimit(answer, context.clock()) ?? readAnswer("GitHub", answer, context.clock);
};

/** GitHub's rate limit is a 403 or 429 of which nothing remains until an instant in epoch seconds. */
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
