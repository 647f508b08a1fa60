// Reads the environment variables, and those in `.env`.
import { existsSync, readFileSync, statSync } from "node:fs";
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
