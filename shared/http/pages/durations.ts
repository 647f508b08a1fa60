// How long runs and their steps took, or have taken so far.
import { formatDuration } from "../../pipeline/duration.ts";
import type { Run, StepRun } from "../../run/state.ts";
import { elapsed } from "./times.ts";

export function endOfRun(run: Run, now: number): number {
  return run.status === "running" ? now : run.endedAt;
}

/** When the step's work ended, or now if it is under way; null if it never began. */
export function endOfStep(stepRun: StepRun, run: Run, now: number): number | null {
  if (stepRun.triggeredAt === null) return null;
  if (stepRun.state === "done") return stepRun.doneAt;
  if (stepRun.state === "failed") return stepRun.failedAt;
  return endOfRun(run, now);
}

export function runDuration(run: Run, now: number): string {
  return run.status === "running" ? elapsed(run.startedAt, now) : formatDuration(run.endedAt - run.startedAt);
}

/** Empty if the step never began. */
export function stepDuration(stepRun: StepRun, run: Run, now: number): string {
  const end = endOfStep(stepRun, run, now);
  if (end === null || stepRun.triggeredAt === null) return "";
  const isOver = stepRun.state === "done" || stepRun.state === "failed";
  return isOver ? formatDuration(end - stepRun.triggeredAt) : elapsed(stepRun.triggeredAt, end);
}
