// How long the steps of a pipeline usually take, judged by its last runs.
import { criticalPath } from "../../pipeline/critical-path.ts";
import type { Step } from "../../pipeline/pipeline.ts";
import type { Run } from "../../run/state.ts";

export type Usual = {
  stepMs: ReadonlyMap<string, number>;
  /** Of runs that built every step; null if there is none. */
  runMs: number | null;
  /** The steps that decide how long a run takes; empty if nothing is known. */
  path: ReadonlySet<string>;
};

export function usualOf(steps: readonly Step[], runs: readonly Run[]): Usual {
  const found = new Map<string, number[]>();
  for (const stepRun of runs.flatMap((run) => run.steps)) {
    if (stepRun.state !== "done" || stepRun.triggeredAt === null) continue;
    found.set(stepRun.name, [...(found.get(stepRun.name) ?? []), stepRun.doneAt - stepRun.triggeredAt]);
  }
  const stepMs = new Map([...found].map(([name, durations]) => [name, median(durations)]));
  const whole = runs.flatMap((run) =>
    run.status === "succeeded" && run.steps.every(({ state }) => state === "done")
      ? run.endedAt - run.startedAt
      : [],
  );
  const path = stepMs.size === 0 ? [] : criticalPath(steps, (name) => stepMs.get(name) ?? 0);
  return { stepMs, runMs: whole.length === 0 ? null : median(whole), path: new Set(path) };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
