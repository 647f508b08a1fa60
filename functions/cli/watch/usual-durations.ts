// How long each step usually takes: the median of its last builds.
import type { RunAnswer } from "../../../shared/http/api-answers.ts";

/** How many of the last runs are looked at. */
export const runsForUsual = 20;

export function usualDurations(runs: readonly RunAnswer[]): Map<string, number> {
  const durations = new Map<string, number[]>();
  for (const step of runs.flatMap(({ steps }) => steps)) {
    if (step.state !== "done" || step.triggeredAt === undefined) continue;
    const taken = Date.parse(step.doneAt) - Date.parse(step.triggeredAt);
    durations.set(step.name, [...(durations.get(step.name) ?? []), taken]);
  }
  return new Map([...durations].map(([name, taken]) => [name, median(taken)]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
