// Whether the environment has credentials for AWS.

/** The error of a call that needs them and has none. */
export const noCredentials =
  "expected AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION in the environment, found no credentials for AWS";

export function hasCredentials(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY);
}
