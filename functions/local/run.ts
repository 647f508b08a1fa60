// Runs the local program: `npm start` and `tagrelay start`.
import { ConfigError } from "../../shared/config/config-error.ts";
import { readEnvironment } from "../../shared/environment.ts";
import { createLog, type Log, messageOf } from "../../shared/log.ts";
import { createPlainProgress } from "../../shared/progress/plain.ts";
import type { Progress } from "../../shared/progress/progress.ts";
import { createTerminalLog } from "../../shared/progress/terminal-log.ts";
import { UsageError } from "../../shared/usage-error.ts";
import { readOptions, usage } from "../start-options.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";
import type { LocalProgram } from "./start.ts";

/** Starts the program, which then runs until a signal stops it. `command` is how the program was started, for its help. */
export async function runLocalProgram(args: readonly string[], command: string): Promise<void> {
  const options = readOptions(args, process.env);
  if (options === "help") {
    process.stdout.write(`${usage(command)}\n`);
    return;
  }
  keepHeapSmall();
  const { progress, log } = await openOutput();
  const env = readEnvironment(".env", process.env);
  // Loaded only now, so that help and wrong options are answered at once.
  const { startLocal } = await import("./start.ts");
  const program = await startLocal(options, env, progress, log);
  stopOnSignal(program, progress);
  progress.say(`tagrelay listening on ${program.origin}`);
  const { describeProgram, suggestNextSteps } = await import("./startup-messages.ts");
  for (const line of describeProgram(program, options, Date.now())) progress.say(line);
  for (const run of program.activeRuns) progress.resume(run);

  if (!program.isSimulated) return;
  if (options.config === null) {
    await program.runNewPipelines().catch((error: unknown) => progress.say(messageOf(error)));
  }
  for (const line of suggestNextSteps(program, options, command)) progress.say(line);
}

async function openOutput(): Promise<{ progress: Progress; log: Log }> {
  const { stdout, stderr } = process;
  // If the reader of a pipe goes away, the runs continue.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  const progress = stdout.isTTY
    ? await openLiveProgress(stdout)
    : createPlainProgress((text) => stdout.write(text), Date.now);
  const log = stderr.isTTY ? createTerminalLog(progress) : createLog((line) => stderr.write(line), Date.now);
  return { progress, log };
}

/** Loaded only for a terminal, because it takes a tenth of the startup time. */
async function openLiveProgress(terminal: typeof process.stdout): Promise<Progress> {
  const { createLiveProgress } = await import("../../shared/progress/live.ts");
  return createLiveProgress(terminal, Date.now);
}

function stopOnSignal(program: LocalProgram, progress: Progress): void {
  let isStopping = false;
  const stop = async () => {
    // A second signal ends the program at once.
    if (isStopping) process.exit(130);
    isStopping = true;
    await program.stop();
    progress.stop();
    process.exit(0);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
}

/** Prints an error that the user can correct, without a stack trace, and exits; throws any other. */
export function exitWithMessage(error: unknown): never {
  if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
  process.stderr.write(`tagrelay: ${error.message}\n`);
  process.exit(2);
}
