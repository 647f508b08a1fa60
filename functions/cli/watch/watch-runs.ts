// Looks at runs until they are over, shows how they go on, and ends with their outcome. A Tagrelay that is away for a
// while is waited for; Ctrl-C leaves the runs alone.
import { setTimeout as sleep } from "node:timers/promises";
import type { RunAnswer } from "../../../shared/http/api-answers.ts";
import { CliError, type ExitCode, exitCodes } from "../cli-error.ts";
import type { Client } from "../client.ts";
import { createJsonWatching, createWatching, type Watching } from "./watching.ts";

/** A function on Lambda is paid for by the request. */
const lookEveryMs = { thisMachine: 400, elsewhere: 2_000 };
const giveUpAfterMs = 10 * 60_000;
const waitAtMostMs = 5_000;

export async function watchRuns(
  client: Client,
  runs: readonly RunAnswer[],
  { asJson, areNew }: { asJson: boolean; areNew: boolean },
): Promise<ExitCode> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  // Not once: who draws would take a listener that is gone before it is called for none, and end the process.
  process.on("SIGINT", interrupt);
  const progress = asJson ? createJsonWatching() : await createWatching(client, runs, areNew);
  try {
    const ended = await Promise.all(runs.map((run) => follow(client, run, progress, interrupted.signal)));
    if (interrupted.signal.aborted) {
      const one = runs.length === 1 ? ` ${runs[0]?.id}` : "";
      progress.tell(`Left alone, and not stopped. To look again: tagrelay watch${one}`);
      return exitCodes.interrupted;
    }
    return ended.every((run) => run.status === "succeeded") ? exitCodes.done : exitCodes.notWell;
  } finally {
    // Where one cannot be watched, nobody waits for the others.
    interrupted.abort();
    progress.stop();
    process.removeListener("SIGINT", interrupt);
  }
}

async function follow(
  client: Client,
  run: RunAnswer,
  progress: Watching,
  signal: AbortSignal,
): Promise<RunAnswer> {
  const everyMs = client.isThisMachine ? lookEveryMs.thisMachine : lookEveryMs.elsewhere;
  let seen = withoutLog(run);
  progress.show(null, seen);
  while (seen.status === "running" && !signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const answer = await lookPatiently(client, run.id, progress, signal);
    if (answer === null) break;
    const next = withoutLog(answer);
    progress.show(seen, next);
    seen = next;
  }
  return seen;
}

/** The run, as soon as it can be asked for; null where somebody did not want to wait. */
async function lookPatiently(
  client: Client,
  id: string,
  progress: Watching,
  signal: AbortSignal,
): Promise<RunAnswer | null> {
  let awaySince: number | null = null;
  for (let waitMs = 250; !signal.aborted; waitMs = Math.min(2 * waitMs, waitAtMostMs)) {
    try {
      const run = await client.run(id);
      if (awaySince !== null) progress.tell("Tagrelay answers again");
      return run;
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
      awaySince ??= Date.now();
      if (Date.now() - awaySince > giveUpAfterMs) throw error;
      if (waitMs === 250)
        progress.tell(`${client.url} does not answer; waiting for it (Ctrl-C ends the wait)`);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

/** What happened in a run is told as it happens, and is no change of the run by itself. */
function withoutLog(run: RunAnswer & { log?: unknown }): RunAnswer {
  const { log: _log, ...rest } = run;
  return rest;
}
