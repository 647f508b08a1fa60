// Describes the state of a step or a run in a few words, with the time it has taken.
import { formatDuration } from "../pipeline/duration.ts";
import type { Run, StepRun } from "../run/state.ts";

export function describeStep(stepRun: StepRun, now: number): string {
  const attempt = stepRun.attempts > 1 ? `, attempt ${stepRun.attempts}` : "";
  const elapsed = (until: number) => formatDuration(until - (stepRun.triggeredAt ?? until));
  switch (stepRun.state) {
    case "waiting":
      return "waiting";
    case "due":
      return `due in ${formatDuration(stepRun.dueAt - now)}${stepRun.reason === null ? "" : ` (${stepRun.reason})`}`;
    case "triggering":
      return `triggering${attempt}`;
    case "building":
      if (stepRun.image === null) return `waiting to pass ${elapsed(now)}`;
      return `building${now - (stepRun.triggeredAt ?? now) < 500 ? "" : ` ${elapsed(now)}`}${attempt}`;
    case "done":
      if (stepRun.image === null) return `passed after ${elapsed(stepRun.doneAt)}`;
      return `done in ${elapsed(stepRun.doneAt)}${attempt}`;
    case "failed":
      return `FAILED: ${stepRun.reason}`;
    case "skipped":
      return "skipped";
    case "fresh":
      return `fresh: ${stepRun.reason}`;
  }
}

export function describeRun(run: Run, now: number): string {
  const taken = formatDuration((run.status === "running" ? now : run.endedAt) - run.startedAt);
  switch (run.status) {
    case "running":
      return `running for ${taken}`;
    case "succeeded":
      return `succeeded in ${taken}`;
    case "failed":
      return `FAILED after ${taken}`;
    case "cancelled":
      return `cancelled after ${taken}`;
  }
}
