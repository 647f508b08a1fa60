// Reads a file that the user names, and says what was expected in it if it cannot be read.
import { readFileSync } from "node:fs";
import { CliError, exitCodes } from "./cli-error.ts";
import type { Io } from "./io.ts";

export function readNamedFile(io: Io, file: string, expected: string): string {
  try {
    return readFileSync(io.resolvePath(file), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    const found = code === "ENOENT" ? "no such file" : `a file that cannot be read (${code})`;
    throw new CliError(
      exitCodes.usageError,
      `expected ${expected} in ${JSON.stringify(file)}, found ${found}`,
    );
  }
}
