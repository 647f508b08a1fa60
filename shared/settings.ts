// Names that the stack, its functions and the command line share, so that none of them can spell one differently; and what
// their values must be.

/** Environment variables of the functions. */
export const settingNames = {
  tableName: "TAGRELAY_TABLE",
  parameterPrefix: "TAGRELAY_PARAMETERS",
  /** Where people reach the pages, for links in notices. */
  url: "TAGRELAY_URL",
  /** The stack's topic, for `sns` channels that name none. */
  topic: "TAGRELAY_TOPIC",
} as const;

/** Tagrelay's own secrets in SSM. Those that pipelines name are next to them, under the same prefix. */
export const ownSecretNames = {
  webhookSecret: "TAGRELAY_WEBHOOK_SECRET",
  /** Still accepted while webhook URLs are changed to the new secret. */
  previousWebhookSecret: "TAGRELAY_WEBHOOK_SECRET_PREVIOUS",
  apiToken: "TAGRELAY_API_TOKEN",
} as const;

/** The problem with the value of one of the program's own secrets, which it does not show; null for any other secret. */
export function problemOfOwnSecret(name: string, value: string): string | null {
  if (value === "") return null;
  if (name === ownSecretNames.apiToken) return problemOfApiToken(name, value);
  if (name !== ownSecretNames.webhookSecret || /^[\w.~-]+$/.test(value)) return null;
  return `expected ${name} to consist of letters, digits, dots, dashes, tildes and underscores, because it is part of a URL; found other characters; choose another secret`;
}

/** `from` is where the token was found. */
export function problemOfApiToken(from: string, value: string): string | null {
  if (/^[\x21-\x7e]+$/.test(value)) return null;
  return `expected the API token in ${from} to consist of ASCII letters, digits and punctuation, because it is part of a header; found a space or another character; choose another token`;
}

/** Names of the schedules in EventBridge Scheduler. */
export const scheduleNames = {
  /** Starts a run of the pipeline. */
  start: (pipeline: string) => `start-${pipeline}`,
  /** Checks the pipeline's upstreams. */
  look: (pipeline: string) => `look-${pipeline}`,
  sweep: "sweep",
} as const;

/**
 * A CloudFormation stack has room for 500 resources, and each schedule is one. The schedules of more pipelines are created
 * by a function when the stack is deployed.
 */
export const mostPlainSchedules = 300;

/** The group of the schedules that the function creates. The sweep stays in the stack's own group. */
export function pipelineGroupOf(group: string): string {
  return `${group}-pipelines`;
}

export const defaultStackName = "Tagrelay";

/** The prefix of a stack's secrets in SSM. */
export function parameterPrefixOf(stack: string): string {
  return `/${stack}/`;
}
