// The names by which the stack tells its functions what they need: shared by both, so that neither can be wrong alone.

export const settingNames = {
  tableName: "TAGRELAY_TABLE",
  parameterPrefix: "TAGRELAY_PARAMETERS",
  /** Where people reach the pages, for links in what they are told. */
  url: "TAGRELAY_URL",
  /** The stack's topic, for channels that have none of their own. */
  topic: "TAGRELAY_TOPIC",
} as const;

/** Beside a function's code, the pipelines as they were validated when the stack was synthesized. */
export const configFile = "pipelines.json";

/** The program's own secrets, under the prefix; those of triggers stand beside them by their own names. */
export const ownSecretNames = {
  webhookSecret: "TAGRELAY_WEBHOOK_SECRET",
  /** Accepted for a while beside the new one. */
  previousWebhookSecret: "TAGRELAY_WEBHOOK_SECRET_PREVIOUS",
  apiToken: "TAGRELAY_API_TOKEN",
} as const;

export const defaultStackName = "Tagrelay";

/** Where a stack's secrets stand in SSM. */
export function parameterPrefixOf(stack: string): string {
  return `/${stack}/`;
}
