// How a run that is watched is shown: drawn in a terminal, a line for each change where there is none, or as JSON.
import type { Run } from "../../../shared/core/run.ts";
import type { RunAnswer } from "../../../shared/http/api-answers.ts";
import { createLiveProgress } from "../../local/progress/live.ts";
import { createPlainProgress } from "../../local/progress/plain.ts";
import type { Progress } from "../../local/progress/progress.ts";
import type { Client } from "../client.ts";
import { runOfAnswer } from "../run-of-answer.ts";
import { runsForUsual, usualDurations } from "./usual-durations.ts";

export type Watching = {
  show: (before: RunAnswer | null, after: RunAnswer) => void;
  tell: (text: string) => void;
  stop: () => void;
};

export async function createWatching(
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
export function createJsonWatching(): Watching {
  return {
    show: (before, after) => {
      const line = JSON.stringify(after);
      if (line !== JSON.stringify(before)) process.stdout.write(`${line}\n`);
    },
    tell: (text) => process.stderr.write(`${text}\n`),
    stop: () => undefined,
  };
}
