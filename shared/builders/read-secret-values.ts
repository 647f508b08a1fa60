// Reads the secrets that a trigger names, as values for its placeholders.
import type { TriggerFailure } from "../kinds/builder.ts";
import type { ReadSecret } from "../kinds/read-secret.ts";
import { secretPlaceholder, type Values } from "./placeholders.ts";
import { missingSecret } from "./read-answer.ts";

type SecretValues = { kind: "read"; values: Values };

export const noSecrets: SecretValues = { kind: "read", values: new Map() };

export async function readSecretValues(
  names: readonly string[],
  readSecret: ReadSecret,
): Promise<SecretValues | TriggerFailure> {
  const values = new Map<string, string>();
  for (const name of names) {
    const secret = await readSecret(name);
    if (secret === null) return missingSecret(name);
    values.set(secretPlaceholder(name), secret.trim());
  }
  return { kind: "read", values };
}
