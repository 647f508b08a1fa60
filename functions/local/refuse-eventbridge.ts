// Refuses channels of kind eventbridge on a machine without credentials for AWS.
import { hasCredentials } from "../../shared/aws/has-credentials.ts";
import type { Environment } from "../../shared/environment.ts";
import type { Channel } from "../../shared/pipeline/pipeline.ts";
import { UsageError } from "../../shared/usage-error.ts";

export function refuseEventbridgeWithoutCredentials(channels: readonly Channel[], env: Environment): void {
  const names = channels.filter(({ to }) => to.kind === "eventbridge").map(({ name }) => name);
  if (names.length === 0 || hasCredentials(env)) return;
  throw new UsageError(
    `expected AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION in the environment for the eventbridge channels ${names.join(", ")}, found no credentials; \`eval "$(aws configure export-credentials --format env)"\` sets them`,
  );
}
