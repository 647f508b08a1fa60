// Refuses names that AWS would refuse only when the stack is deployed, or when the first secret is stored.
import { Token } from "aws-cdk-lib";
import { ConfigError } from "../shared/config/config-error.ts";
import { pipelineGroupOf } from "../shared/settings.ts";

/** Of a group of schedules. */
const maxGroupLength = 64;

export function refuseNames(parameterPrefix: string, group: string): void {
  if (!Token.isUnresolved(parameterPrefix) && /^\/(?:aws|ssm)/i.test(parameterPrefix)) {
    throw problem(
      `expected names of secrets that SSM accepts, found the prefix ${parameterPrefix}: none may begin with "aws" or "ssm"; choose another name for the stack, or a parameterPrefix`,
    );
  }
  const longest = maxGroupLength - pipelineGroupOf("").length;
  if (!Token.isUnresolved(group) && group.length > longest) {
    throw problem(
      `expected a name of at most ${longest} characters for the stack, found ${group.length}: EventBridge Scheduler accepts no longer ones for its groups`,
    );
  }
}

function problem(message: string): ConfigError {
  return new ConfigError([{ path: [], message }]);
}
