// Refuses triggers of CodeBuild without credentials for AWS.
import { hasCredentials } from "../../shared/aws/has-credentials.ts";
import type { Environment } from "../../shared/environment.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { UsageError } from "../../shared/usage-error.ts";

/** Called before anything starts. */
export function refuseCodebuildWithoutCredentials(pipelines: readonly Pipeline[], env: Environment): void {
  const names = pipelines.filter(hasCodebuild).map(({ name }) => name);
  if (names.length === 0 || hasCredentials(env)) return;
  throw new UsageError(
    `expected AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION in the environment for the codebuild triggers of ${names.join(", ")}, found no credentials; \`eval "$(aws configure export-credentials --format env)"\` sets them`,
  );
}

export function hasCodebuild({ steps }: Pipeline): boolean {
  return steps.some(({ trigger }) => trigger.kind === "codebuild");
}
