// Reads the environment variables, those in `.env`, and secrets that are kept in files.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { UsageError } from "./usage-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment takes precedence over the file. Refuses a file that other users can read, as it holds secrets. */
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

/**
 * Adds the secrets of these names that are in files: `NAME_FILE` names one, as Docker and Kubernetes mount them, or systemd keeps
 * one of this name in its folder for credentials.
 */
export function withSecretFiles(
  env: Environment,
  names: readonly string[],
  resolvePath: (path: string) => string = (path) => path,
): Environment {
  const found = names.flatMap((name): [string, string][] => {
    const file = env[`${name}_FILE`];
    if (file && env[name]) {
      throw new UsageError(`expected either ${name} or ${name}_FILE, found both; remove one of them`);
    }
    if (file) return [[name, readSecretFile(resolvePath(file), `${name}_FILE`)]];
    const folder = env[credentialsFolder];
    if (!folder || env[name] || !existsSync(join(folder, name))) return [];
    return [[name, readSecretFile(join(folder, name), credentialsFolder)]];
  });
  return { ...env, ...Object.fromEntries(found) };
}

/** Set by systemd for units with `LoadCredential=`. */
export const credentialsFolder = "CREDENTIALS_DIRECTORY";

/** Without the line break that editors and `echo` add at the end. */
function readSecretFile(path: string, variable: string): string {
  let text = "";
  try {
    text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    throw new UsageError(`expected ${variable} to name a file that can be read, found ${path} (${code})`);
  }
  if (text !== "") return text;
  throw new UsageError(`expected a secret in the file of ${variable}, found an empty file: ${path}`);
}
