// The secrets that authenticate webhooks. Both the current and the previous one are accepted, so that they can be rotated.

export type ReadWebhookSecrets = (which: "current" | "previous") => Promise<readonly string[]>;

/** Reads the previous secrets only if the current ones do not match. */
export async function isAuthentic(
  readSecrets: ReadWebhookSecrets,
  matches: (secrets: readonly string[]) => boolean,
): Promise<boolean> {
  return matches(await readSecrets("current")) || matches(await readSecrets("previous"));
}
