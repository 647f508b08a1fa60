// Enables a workflow that GitHub has disabled, as it does with scheduled ones of public repositories after 60 days without a
// commit, or that a person has disabled.
import type { BuilderContext, TriggerOutcome } from "../../kinds/builder.ts";
import type { Answer } from "../../outgoing/send.ts";
import { callGithub, readGithubAnswer } from "./call-github.ts";

/** GitHub's other answers of 422 are about the ref, the inputs and the events of the workflow. */
export function isDisabledWorkflow(answer: Answer): boolean {
  return answer.kind === "answered" && answer.status === 422 && /\bdisabled workflow\b/i.test(answer.text);
}

/** For each of the two requests that come after a dispatch: all three have to end before the claim of the step does. */
export const afterDispatchMs = 4_000;

/** Null if it is enabled now. Nothing was started. */
export async function enableWorkflow(
  { repository, workflow }: { repository: string; workflow: string },
  token: string,
  context: BuilderContext,
): Promise<TriggerOutcome | null> {
  const path = `/repos/${repository}/actions/workflows/${workflow}/enable`;
  const answer = await callGithub({ method: "PUT", path, timeoutMs: afterDispatchMs }, token, context);
  const outcome = readGithubAnswer(answer, context.clock);
  if (outcome.kind === "accepted") return null;
  const reason = `the workflow ${workflow} is disabled, and enabling it failed: ${outcome.reason}`;
  return outcome.kind === "unknown"
    ? { kind: "refused", reason, retryAfterMs: null }
    : { ...outcome, reason };
}
