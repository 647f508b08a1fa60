// Computes how long each step usually takes: the median of its last builds.
import type { RunAnswer } from "../../../shared/http/api/answers.ts";

export const runsForMedian = 20;

/** In milliseconds, by the name of the step. */
export function usualDurations(runs: readonly RunAnswer[]): Map<string, number> {
  const durations = new Map<string, number[]>();
  for (const step of runs.flatMap(({ steps }) => steps)) {
    if (step.state !== "done" || step.triggeredAt === undefined) continue;
    const durationMs = Date.parse(step.doneAt) - Date.parse(step.triggeredAt);
    durations.set(step.name, [...(durations.get(step.name) ?? []), durationMs]);
  }
  return new Map([...durations].map(([name, values]) => [name, median(values)]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
