// Which secrets must be in the environment, and which of them commands may see.
import { type ConfigWithSecrets, neededSecrets } from "../../shared/config/needed-secrets.ts";
import { credentialsFolder, type Environment, withSecretFiles } from "../../shared/environment.ts";
import type { RegistrySecret } from "../../shared/http/hooks/webhook-secrets.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { UsageError } from "../../shared/usage-error.ts";

/** Throws a UsageError that lists the missing secrets. */
export function requireSecrets(config: ConfigWithSecrets, env: Environment): void {
  const missing = new Map<string, string>();
  for (const { secret, neededBy } of neededSecrets(config)) {
    if (!env[secret] && !missing.has(secret)) missing.set(secret, neededBy);
  }
  if (missing.size === 0) return;
  const lines = [...missing].map(([secret, neededBy]) => `  ${secret}, for ${neededBy}`);
  throw new UsageError(
    `expected these secrets in the environment, in .env or in files (NAME_FILE), found none of them:\n${lines.join("\n")}\nWithout --live, builds are simulated and need no secrets.`,
  );
}

/** The webhook secrets of registries that have their own. With --live, all of them are there: see requireSecrets. */
export function registrySecrets(
  { webhookSecrets }: Pick<Config, "webhookSecrets">,
  env: Environment,
): RegistrySecret[] {
  return webhookSecrets.flatMap(({ registry, secret }) => {
    const value = env[secret];
    return value ? { registry, read: async () => value } : [];
  });
}

const ownSecrets = ["TAGRELAY_WEBHOOK_SECRET", "TAGRELAY_API_TOKEN"];

/** The environment with the secrets of the program and of the configuration that are in files. */
export function readSecretFiles(env: Environment, config: ConfigWithSecrets): Environment {
  return withSecretFiles(env, [...ownSecrets, ...neededSecrets(config).map(({ secret }) => secret)]);
}

/** The environment of commands: without the program's own secrets, those of other triggers and of channels, and their files. */
export function withoutSecrets(env: Environment, config: ConfigWithSecrets): Environment {
  const named = neededSecrets(config).map(({ secret }) => secret);
  const names = [...ownSecrets, ...named];
  const secrets = new Set([...names, ...names.map((name) => `${name}_FILE`), credentialsFolder]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.has(name)));
}
