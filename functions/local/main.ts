// `npm start`: the whole system in one process on one machine.
import { ConfigError } from "../../shared/core/config-error.ts";
import { createLog } from "../../shared/log/log.ts";
import { readEnvironment } from "./environment.ts";
import { readOptions, UsageError, usage } from "./options.ts";
import { createLiveProgress } from "./progress/live.ts";
import { createPlainProgress } from "./progress/plain.ts";
import { createTerminalLog } from "./progress/terminal-log.ts";
import { startLocal } from "./start.ts";
import { introduce, nextThings } from "./welcome.ts";

/** Runs until it is stopped; `started` is how it was called, for its help. */
export async function runLocalProgram(args: readonly string[], started = "npm start --"): Promise<void> {
  const options = readOptions(args);
  if (options === "help") {
    process.stdout.write(`${usage(started)}\n`);
    return;
  }
  const { stdout, stderr } = process;
  // Whoever reads what is written may go; the runs go on.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  const progress = stdout.isTTY
    ? createLiveProgress(stdout, Date.now)
    : createPlainProgress((text) => stdout.write(text), Date.now);
  const log = stderr.isTTY ? createTerminalLog(progress) : createLog((line) => stderr.write(line), Date.now);

  const env = readEnvironment(".env", process.env);
  const program = await startLocal(options, env, progress, log);
  progress.say(`tagrelay listening on ${program.origin}`);
  for (const line of introduce(program, options, Date.now())) progress.say(line);

  for (const run of program.activeRuns) progress.resume(run);

  let stopping = false;
  const stop = async () => {
    // Whoever asks twice does not want to wait.
    if (stopping) process.exit(130);
    stopping = true;
    await program.stop();
    progress.stop();
    process.exit(0);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());

  if (!program.isSimulated) return;
  // Something to see: the pipelines at hand, each once.
  if (options.config === null)
    await program.runFirstRuns().catch((error: Error) => progress.say(error.message));
  for (const line of nextThings(program, options)) progress.say(line);
}

/** What users can put right is said, without a stack. */
export function endWithWords(error: unknown): never {
  if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
  process.stderr.write(`tagrelay: ${error.message}\n`);
  process.exit(2);
}

if (import.meta.main) runLocalProgram(process.argv.slice(2)).catch(endWithWords);
