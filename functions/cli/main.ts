// Runs the command line and reports errors.
import { CommanderError } from "@commander-js/extra-typings";
import { ConfigError } from "../../shared/config/config-error.ts";
import { UsageError } from "../../shared/usage-error.ts";
import { CliError, type ExitCode, exitCodes } from "./cli-error.ts";
import { type Io, processIo } from "./io.ts";
import { createProgram } from "./program.ts";

export async function main(args: readonly string[], io: Io = processIo): Promise<ExitCode> {
  // The reader of a pipe may close it early, as `head` does.
  for (const stream of [io.stdout, io.stderr]) stream.on("error", () => undefined);
  let exitCode: ExitCode = exitCodes.success;
  const program = createProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return report(io, error);
  }
}

function report(io: Io, error: unknown): ExitCode {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usageError;
  const [message, exitCode] = describe(error);
  io.stderr.write(`tagrelay: ${message}\n`);
  return exitCode;
}

function describe(error: unknown): [message: string, exitCode: ExitCode] {
  if (error instanceof CliError) return [error.message, error.exitCode];
  if (error instanceof UsageError) return [error.message, exitCodes.usageError];
  if (error instanceof ConfigError) return [error.message, exitCodes.failure];
  const details = error instanceof Error ? (error.stack ?? error.message) : "unknown error";
  return [`internal error: ${details}`, exitCodes.internalError];
}
