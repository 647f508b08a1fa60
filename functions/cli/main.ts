// The command line: reads it, does what it says, and tells what went wrong.
import { CommanderError } from "@commander-js/extra-typings";
import { ConfigError } from "../../shared/core/config-error.ts";
import { UsageError } from "../local/options.ts";
import { CliError, type ExitCode, exitCodes } from "./cli-error.ts";
import { createProgram } from "./program.ts";

export async function main(args: readonly string[]): Promise<ExitCode> {
  // Whoever reads what is written may have read enough.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  let exitCode: ExitCode = exitCodes.done;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return tell(error);
  }
}

function tell(error: unknown): ExitCode {
  // It has said what is wrong already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  const [message, exitCode] = wordsFor(error);
  process.stderr.write(`tagrelay: ${message}\n`);
  return exitCode;
}

function wordsFor(error: unknown): [string, ExitCode] {
  if (error instanceof CliError) return [error.message, error.exitCode];
  if (error instanceof UsageError) return [error.message, exitCodes.wrongUsage];
  if (error instanceof ConfigError) return [error.message, exitCodes.notWell];
  const words = error instanceof Error ? (error.stack ?? error.message) : "unknown error";
  return [`this should not have happened: ${words}`, exitCodes.broken];
}
