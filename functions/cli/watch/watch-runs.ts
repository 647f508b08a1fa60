// Polls runs until they end and displays their progress. Waits while Tagrelay is unreachable; Ctrl-C stops watching,
// but not the runs.
import { setTimeout as sleep } from "node:timers/promises";
import type { RunAnswer } from "../../../shared/http/api/answers.ts";
import { CliError, type ExitCode, exitCodes } from "../cli-error.ts";
import type { Client } from "../client.ts";
import type { Io } from "../io.ts";
import { createJsonDisplay, createRunDisplay, type RunDisplay } from "./run-display.ts";

/** Less often elsewhere, as Lambda charges by request. */
const pollMs = { thisMachine: 400, elsewhere: 2_000 };
const giveUpMs = 10 * 60_000;
const firstRetryMs = 250;
const maxRetryMs = 5_000;

export async function watchRuns(
  io: Io,
  client: Client,
  runs: readonly RunAnswer[],
  { asJson, areNew }: { asJson: boolean; areNew: boolean },
): Promise<ExitCode> {
  const stopping = new AbortController();
  const interrupt = () => stopping.abort();
  // Not `once`: its listener is removed before it is called, and log-update, which then sees no other listener, ends
  // the process.
  process.on("SIGINT", interrupt);
  const display = asJson ? createJsonDisplay(io) : await createRunDisplay(io, client, runs, areNew);
  try {
    const ended = await Promise.all(runs.map((run) => follow(client, run, display, stopping.signal)));
    if (stopping.signal.aborted) {
      const id = runs.length === 1 ? ` ${runs[0]?.id}` : "";
      display.say(
        `Stopped watching; ${runs.length === 1 ? "the run continues" : "the runs continue"}. To watch again: tagrelay watch${id}`,
      );
      return exitCodes.interrupted;
    }
    return ended.every((run) => run.status === "succeeded") ? exitCodes.success : exitCodes.failure;
  } finally {
    // If one run cannot be watched, stop watching the others.
    stopping.abort();
    display.stop();
    process.removeListener("SIGINT", interrupt);
  }
}

async function follow(
  client: Client,
  run: RunAnswer,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<RunAnswer> {
  const everyMs = client.isThisMachine ? pollMs.thisMachine : pollMs.elsewhere;
  let shown = withoutLog(run);
  display.show(null, shown);
  while (shown.status === "running" && !signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const answer = await loadRun(client, run.id, display, signal);
    if (answer === null) break;
    const next = withoutLog(answer);
    display.show(shown, next);
    shown = next;
  }
  return shown;
}

/** Retries while Tagrelay is unreachable. Null if the user stops watching. */
async function loadRun(
  client: Client,
  id: string,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<RunAnswer | null> {
  let failingSince: number | null = null;
  for (let waitMs = firstRetryMs; !signal.aborted; waitMs = Math.min(2 * waitMs, maxRetryMs)) {
    try {
      const run = await client.run(id);
      if (failingSince !== null) display.say("Tagrelay answers again");
      return run;
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
      if (failingSince === null)
        display.say(`${client.url} does not answer; waiting for it (Ctrl-C stops watching)`);
      failingSince ??= Date.now();
      if (Date.now() - failingSince > giveUpMs) throw error;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

/** The log changes with every step, and is not part of the display. */
function withoutLog(run: RunAnswer & { log?: unknown }): RunAnswer {
  const { log: _log, ...rest } = run;
  return rest;
}
