// Where the machine-local program has its secrets from: the environment, `.env`, or made up and kept.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import * as z from "zod";
import { type Needing, neededSecrets } from "../../shared/secrets/needed-secrets.ts";
import { UsageError } from "./options.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment, and what `.env` has beside it. A `.env` that others can read is no place for secrets. */
export function readEnvironment(path: string, env: Environment): Environment {
  if (!existsSync(path)) return env;
  const mode = statSync(path).mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new UsageError(
      `expected ${path} to be readable by you alone, found mode ${mode.toString(8).padStart(3, "0")}; run: chmod 600 ${path}`,
    );
  }
  return { ...parseEnv(readFileSync(path, "utf8")), ...env };
}

export function requireSecrets(config: Needing, env: Environment): void {
  const missing = new Map<string, string>();
  for (const { secret, who } of neededSecrets(config)) {
    if (!env[secret] && !missing.has(secret)) missing.set(secret, who);
  }
  if (missing.size === 0) return;
  const lines = [...missing].map(([secret, who]) => `  ${secret}, for ${who}`);
  throw new UsageError(
    `expected these secrets in the environment or in .env, found nothing:\n${lines.join("\n")}\nWithout --live, nothing real is built and no secret is needed.`,
  );
}

/** What commands are given: none of the secrets that are the program's, or that another trigger or a channel names. */
export function withoutSecrets(env: Environment, config: Needing): Environment {
  const named = neededSecrets(config).map(({ secret }) => secret);
  const secrets = new Set(["TAGRELAY_WEBHOOK_SECRET", "TAGRELAY_API_TOKEN", ...named]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.has(name)));
}

const keptSecrets = z.object({ webhookSecret: z.string().min(1), apiToken: z.string().min(1) });

/** A secret of the program's own. */
export type OwnSecret = {
  value: string;
  /** Where it is kept, if it was made up; null where the environment has it. */
  keptIn: string | null;
  /** Made up just now, to be shown this once. */
  isNew: boolean;
};
export type OwnSecrets = { webhookSecret: OwnSecret; apiToken: OwnSecret };

/** The webhook's secret and the API's token stay the same from start to start: Docker Hub has the URL. */
export function readOwnSecrets(data: string, env: Environment): OwnSecrets {
  const { TAGRELAY_WEBHOOK_SECRET: webhookSecret, TAGRELAY_API_TOKEN: apiToken } = env;
  if (webhookSecret && !/^[\w.~-]+$/.test(webhookSecret)) {
    throw new UsageError(
      "expected TAGRELAY_WEBHOOK_SECRET to be of letters, digits, dots, dashes, tildes and underscores, found others: it is a part of a URL",
    );
  }
  const given = (value: string): OwnSecret => ({ value, keptIn: null, isNew: false });
  if (webhookSecret && apiToken) return { webhookSecret: given(webhookSecret), apiToken: given(apiToken) };

  const path = join(data, "secrets.json");
  const isNew = !existsSync(path);
  if (isNew) {
    const made = {
      webhookSecret: randomBytes(24).toString("hex"),
      apiToken: randomBytes(24).toString("hex"),
    };
    // Beside and renamed: a kill leaves either all of it or nothing.
    writeFileSync(`${path}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  const kept = keptSecrets.safeParse(parseJson(readFileSync(path, "utf8")));
  if (!kept.success) throw new UsageError(`${path} cannot be read; delete it, and new secrets are made up`);
  const made = (value: string): OwnSecret => ({ value, keptIn: path, isNew });
  return {
    webhookSecret: webhookSecret ? given(webhookSecret) : made(kept.data.webhookSecret),
    apiToken: apiToken ? given(apiToken) : made(kept.data.apiToken),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
