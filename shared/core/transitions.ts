// What changed between two states of a pipeline's runs, for whoever tells it: the log, the terminal.
import type { Run, StepRun } from "./run.ts";

export type Transition =
  | { kind: "runStarted"; run: Run }
  | { kind: "runEnded"; run: Run }
  | { kind: "stepChanged"; run: Run; step: StepRun };

export function transitions(before: Run | null, after: Run | null): Transition[] {
  if (after === null || after === before) return [];
  const isSameRun = before?.id === after.id;
  const known = new Map(isSameRun ? before.steps.map((step) => [step.name, step]) : []);
  const found: Transition[] = [];
  if (after.status === "running" && !(isSameRun && before.status === "running")) {
    found.push({ kind: "runStarted", run: after });
  }
  for (const step of after.steps) {
    const earlier = known.get(step.name);
    const isNew = earlier === undefined && (step.state === "waiting" || step.state === "skipped");
    const isSame = earlier?.state === step.state && earlier.attempts === step.attempts;
    if (!isNew && !isSame) found.push({ kind: "stepChanged", run: after, step });
  }
  if (after.status !== "running" && !(isSameRun && before.status === after.status)) {
    found.push({ kind: "runEnded", run: after });
  }
  return found;
}
