// How far a run is, as pages and the command line count it.
import { isSettled, isUnderWay, type Run, type StepRun } from "../run/state.ts";

export type RunProgress = { done: number; all: number; underWay: StepRun[] };

/** In a run that did not start at the beginning, skipped steps do not count. */
export function progressOf({ steps: all, from }: Run): RunProgress {
  const counted = from === null ? all : all.filter(({ state }) => state !== "skipped");
  return {
    done: counted.filter(isSettled).length,
    all: counted.length,
    underWay: counted.filter(isUnderWay),
  };
}

export function describeProgress(run: Run): string {
  const { done, all } = progressOf(run);
  return all === 0 ? "nothing done" : `${done} of ${all} done`;
}
