// Displays watched runs: drawn in a terminal, otherwise a line for each change, or JSON.
import type { RunAnswer } from "../../../shared/http/api/answers.ts";
import { createLiveProgress } from "../../../shared/progress/live.ts";
import { createPlainProgress } from "../../../shared/progress/plain.ts";
import type { Run } from "../../../shared/run/state.ts";
import type { Client } from "../client.ts";
import type { Io } from "../io.ts";
import { toRun } from "../to-run.ts";
import { runsForMedian, usualDurations } from "./usual-durations.ts";

export type RunDisplay = {
  /** `before` is null the first time that a run is shown. */
  show: (before: RunAnswer | null, after: RunAnswer) => void;
  say: (text: string) => void;
  stop: () => void;
};

export async function createRunDisplay(
  { stdout, terminal }: Io,
  client: Client,
  runs: readonly RunAnswer[],
  areNew: boolean,
): Promise<RunDisplay> {
  const usual = terminal === null ? new Map() : await loadUsualDurations(client, runs);
  const progress =
    terminal === null
      ? createPlainProgress((text) => void stdout.write(text), client.clock)
      : createLiveProgress(
          terminal,
          client.clock,
          (run, stepRun) => usual.get(run.pipeline)?.get(stepRun.name) ?? null,
        );
  return {
    show: (before, after) => {
      const run = toRun(after);
      if (before !== null) return progress.observe(toRun(before), run);
      if (areNew) return progress.observe(null, run);
      if (run.status === "running") progress.resume(run);
      progress.observe(atStart(run), run);
    },
    say: progress.say,
    stop: progress.stop,
  };
}

type UsualDurations = Map<string, ReadonlyMap<string, number>>;

/** By pipeline. A pipeline whose runs cannot be loaded has none, and can still be watched. */
async function loadUsualDurations(client: Client, runs: readonly RunAnswer[]): Promise<UsualDurations> {
  const usual: UsualDurations = new Map();
  const load = async ({ pipeline }: RunAnswer) =>
    usual.set(pipeline, usualDurations(await client.runs(pipeline, runsForMedian)));
  await Promise.allSettled(runs.map(load));
  return usual;
}

/** The run as it was when it started, so that what its steps have done since then is shown as changes. */
function atStart({ steps, ...rest }: Run): Run {
  const { id, pipeline, cause, from, because, onlyStale, promotion, startedAt, pushedStep, stalledAt, log } =
    rest;
  const run = {
    id,
    pipeline,
    cause,
    from,
    because,
    onlyStale,
    promotion,
    startedAt,
    pushedStep,
    stalledAt,
    log,
    status: "running",
  } as const;
  const waiting = steps.map(({ name, image, retriesUsed, digestBefore, pushed, build, slot }) => ({
    name,
    image,
    retriesUsed,
    digestBefore,
    pushed,
    build,
    slot,
    attempts: 0,
    triggeredAt: null,
    state: "waiting" as const,
  }));
  return { ...run, steps: waiting };
}

/** Prints the run as a line of JSON after each change. */
export function createJsonDisplay({ stdout, stderr }: Io): RunDisplay {
  return {
    show: (before, after) => {
      const line = JSON.stringify(after);
      if (line !== JSON.stringify(before)) stdout.write(`${line}\n`);
    },
    say: (text) => stderr.write(`${text}\n`),
    stop: () => undefined,
  };
}
