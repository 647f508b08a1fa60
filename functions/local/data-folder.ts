// The folder in which the machine-local program keeps everything.
import { accessSync, constants, mkdirSync } from "node:fs";
import { UsageError } from "./options.ts";

/** Made for its owner alone; throws a UsageError where it cannot be written. */
export function makeDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    throw new UsageError(`expected --data to be a folder that can be written, found ${path} (${code})`);
  }
}
