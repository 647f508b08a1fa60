// Looks at runs until they are over, shows how they go on, and ends with their outcome. A Tagrelay that is away for a
// while is waited for; Ctrl-C leaves the runs alone.
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../../shared/core/run.ts";
import type { RunAnswer } from "../../../shared/http/api-answers.ts";
import { createLiveProgress } from "../../local/progress/live.ts";
import { createPlainProgress } from "../../local/progress/plain.ts";
import type { Progress } from "../../local/progress/progress.ts";
import { CliError, type ExitCode, exitCodes } from "../cli-error.ts";
import type { Client } from "../client.ts";
import { runOfAnswer } from "../run-of-answer.ts";
import { runsForUsual, usualDurations } from "./usual-durations.ts";

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
  const progress = asJson ? createJsonProgress() : await createProgress(client, runs, areNew);
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

type Watching = {
  show: (before: RunAnswer | null, after: RunAnswer) => void;
  tell: (text: string) => void;
  stop: () => void;
};

async function createProgress(
  client: Client,
  runs: readonly RunAnswer[],
  areNew: boolean,
): Promise<Watching> {
  const usual = new Map<string, ReadonlyMap<string, number>>();
  if (process.stdout.isTTY) {
    // How long it usually takes is good to know, and no reason not to watch.
    const load = async ({ pipeline }: RunAnswer) =>
      usual.set(pipeline, usualDurations(await client.runs(pipeline, runsForUsual)));
    await Promise.allSettled(runs.map(load));
  }
  const progress: Progress = process.stdout.isTTY
    ? createLiveProgress(
        process.stdout,
        client.clock,
        (run, step) => usual.get(run.pipeline)?.get(step.name) ?? null,
      )
    : createPlainProgress((text) => void process.stdout.write(text), client.clock);
  return {
    show: (before, after) => {
      const run = runOfAnswer(after);
      if (before !== null) return progress.observe(runOfAnswer(before), run);
      if (areNew) return progress.observe(null, run);
      if (run.status === "running") progress.resume(run);
      progress.observe(asItBegan(run), run);
    },
    tell: progress.say,
    stop: progress.stop,
  };
}

/** What has happened to its steps is news, that it was started is not. */
function asItBegan({ id, pipeline, cause, from, startedAt, pushedStep, stalledAt, log, steps }: Run): Run {
  const run = {
    id,
    pipeline,
    cause,
    from,
    startedAt,
    pushedStep,
    stalledAt,
    log,
    status: "running",
  } as const;
  const waiting = steps.map(({ name, image, retried, ticket, slot }) => ({
    ...{ name, image, retried, ticket, slot },
    ...{ attempts: 0, triggeredAt: null, state: "waiting" as const },
  }));
  return { ...run, steps: waiting };
}

/** The run, a line each time that it has changed. */
function createJsonProgress(): Watching {
  return {
    show: (before, after) => {
      const line = JSON.stringify(after);
      if (line !== JSON.stringify(before)) process.stdout.write(`${line}\n`);
    },
    tell: (text) => process.stderr.write(`${text}\n`),
    stop: () => undefined,
  };
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
