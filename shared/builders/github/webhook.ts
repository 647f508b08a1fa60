// Reads GitHub's workflow_run webhook: how the run ended, and which build it may have been.
import * as z from "zod/mini";
import type { BuildEnd } from "../../kinds/builder.ts";
import { httpsUrl } from "../../outgoing/https-url.ts";

const payload = z.object({
  action: z.string(),
  repository: z.object({ full_name: z.string().check(z.minLength(1), z.maxLength(512)) }),
  workflow_run: z.object({
    id: z.int().check(z.positive()),
    conclusion: z.nullish(z.string()),
    html_url: z.optional(z.unknown()),
    name: z.optional(z.unknown()),
    display_title: z.optional(z.unknown()),
  }),
});

/** With other conclusions, such as `action_required`, the run may continue or has not failed. */
const failures = ["failure", "timed_out", "cancelled", "startup_failure", "stale"];

export type WorkflowRun =
  | { kind: "ended"; repository: string; id: string; titles: string[]; end: BuildEnd }
  | { kind: "ignored"; reason: string }
  | { kind: "notRun"; reason: string };

export function readWorkflowRun(body: unknown): WorkflowRun {
  const { success, data } = payload.safeParse(body);
  if (!success) {
    return {
      kind: "notRun",
      reason:
        "expected action, repository.full_name and workflow_run.id, as in a GitHub workflow_run webhook",
    };
  }
  const { action, repository, workflow_run: run } = data;
  if (action !== "completed") return { kind: "ignored", reason: "the workflow run has not completed" };
  const conclusion = run.conclusion ?? "";
  const isSuccess = conclusion === "success";
  if (!isSuccess && !failures.includes(conclusion))
    return { kind: "ignored", reason: "the workflow run did not fail" };
  const url = httpsUrl(run.html_url);
  return {
    kind: "ended",
    repository: repository.full_name,
    id: String(run.id),
    titles: [run.display_title, run.name].filter((title) => typeof title === "string"),
    end: isSuccess
      ? { kind: "succeeded" }
      : { kind: "failed", reason: `GitHub Actions: ${conclusion}${url === null ? "" : ` (${url})`}` },
  };
}
