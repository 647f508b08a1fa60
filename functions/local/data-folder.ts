// The folder in which the local program keeps its state.
import { accessSync, constants, mkdirSync } from "node:fs";
import { UsageError } from "../../shared/usage-error.ts";

/** Only the owner can read it. Throws a UsageError if it is not writable. */
export function makeDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    throw new UsageError(`expected --data to be a writable folder, found ${path} (${code})`);
  }
}
