// Refuses triggers and channels that need AWS, without credentials for it. Called before anything starts.
import { hasCredentials } from "../../shared/aws/has-credentials.ts";
import type { Environment } from "../../shared/environment.ts";
import type { Config, Pipeline } from "../../shared/pipeline/pipeline.ts";
import { UsageError } from "../../shared/usage-error.ts";

export function refuseWithoutCredentials(
  { pipelines, channels }: Pick<Config, "pipelines" | "channels">,
  env: Environment,
): void {
  if (hasCredentials(env)) return;
  const builds = pipelines.filter(hasCodebuild).map(({ name }) => name);
  const buses = channels.filter(({ to }) => to.kind === "eventbridge").map(({ name }) => name);
  const [use] = [
    ...(builds.length === 0 ? [] : [`codebuild triggers of ${builds.join(", ")}`]),
    ...(buses.length === 0 ? [] : [`eventbridge channels ${buses.join(", ")}`]),
  ];
  if (use === undefined) return;
  throw new UsageError(
    `expected AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION in the environment for the ${use}, found no credentials; \`eval "$(aws configure export-credentials --format env)"\` sets them`,
  );
}

export function hasCodebuild({ steps }: Pipeline): boolean {
  return steps.some(({ trigger }) => trigger.kind === "codebuild");
}
