// A step's state in words, with how long it has taken.
import { formatDuration } from "../../../shared/core/duration.ts";
import type { Run, StepRun } from "../../../shared/core/run.ts";

export function stepWords(step: StepRun, now: number): string {
  const again = step.attempts > 1 ? `, attempt ${step.attempts}` : "";
  const since = (until: number) => formatDuration(until - (step.triggeredAt ?? until));
  switch (step.state) {
    case "waiting":
      return "waiting";
    case "due":
      return `due in ${formatDuration(step.dueAt - now)}${step.reason === null ? "" : ` (${step.reason})`}`;
    case "triggering":
      return `triggering${again}`;
    case "building":
      return `building${now - (step.triggeredAt ?? now) < 500 ? "" : ` ${since(now)}`}${again}`;
    case "done":
      return `done in ${since(step.doneAt)}${again}`;
    case "failed":
      return `FAILED: ${step.reason}`;
    case "skipped":
      return "skipped";
  }
}

export function runWords(run: Run, now: number): string {
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
