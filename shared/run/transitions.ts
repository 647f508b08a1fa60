// Compares two states of a run, for the log and the terminal.
import { findStepRun, type Run, type StepRun } from "./state.ts";

export type Transition =
  | { kind: "runStarted"; run: Run }
  | { kind: "runEnded"; run: Run }
  | { kind: "stepChanged"; run: Run; stepRun: StepRun };

export function transitions(before: Run | null, after: Run | null): Transition[] {
  if (after === null || after === before) return [];
  const isSameRun = before?.id === after.id;
  const found: Transition[] = [];
  if (after.status === "running" && !(isSameRun && before.status === "running")) {
    found.push({ kind: "runStarted", run: after });
  }
  for (const [place, stepRun] of after.steps.entries()) {
    if (isSameRun && stepRun === before.steps[place]) continue;
    const earlier = isSameRun ? findStepRun(before, stepRun.name) : undefined;
    const isNew = earlier === undefined && (stepRun.state === "waiting" || stepRun.state === "skipped");
    const isSame = earlier?.state === stepRun.state && earlier.attempts === stepRun.attempts;
    if (!isNew && !isSame) found.push({ kind: "stepChanged", run: after, stepRun });
  }
  if (after.status !== "running" && !(isSameRun && before.status === after.status)) {
    found.push({ kind: "runEnded", run: after });
  }
  return found;
}
