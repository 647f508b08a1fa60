// Fits a run to a configuration that has changed meanwhile: steps may have come, gone, got another image or another place.
import { withDescendants } from "./graph.ts";
import { imageName } from "./image.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Run, StepRun } from "./run.ts";
import { newStepRun, startOver } from "./step-transitions.ts";

export function reconcile<R extends Run>(pipeline: Pipeline, run: R): R {
  const configured = keepConfigured(pipeline, run);
  const steps = keepOrder(pipeline, run, configured);
  return steps === run.steps ? run : { ...run, steps };
}

function keepConfigured(pipeline: Pipeline, run: Run): StepRun[] {
  const known = new Map(run.steps.map((step) => [step.name, step]));
  const isSame =
    run.steps.length === pipeline.steps.length &&
    pipeline.steps.every(({ name, image }, index) => {
      const step = run.steps[index];
      return step?.name === name && step.image === imageName(image);
    });
  if (isSame) return run.steps;
  const scope = scopeOf(pipeline, run);
  return pipeline.steps.map(({ name, image }) => {
    const step = known.get(name);
    if (step !== undefined && step.image === imageName(image)) return step;
    return newStepRun(name, imageName(image), scope.has(name) ? "waiting" : "skipped", step?.attempts);
  });
}

/**
 * What was begun too early, before something that it now comes after was done, is built anew. What was no part of the
 * run, and now comes after something that is, is built too.
 */
function keepOrder(pipeline: Pipeline, run: Run, steps: StepRun[]): StepRun[] {
  const scope = scopeOf(pipeline, run);
  const kept = new Map<string, StepRun>();
  for (const [index, { name, after }] of pipeline.steps.entries()) {
    const step = steps[index];
    if (step === undefined) continue;
    const isEarly = after.some((other) => isBegunBefore(step, kept.get(other)));
    const isNew = step.state === "skipped" && scope.has(name);
    kept.set(name, isEarly || isNew ? startOver(step) : step);
  }
  const ordered = [...kept.values()];
  return ordered.every((step, index) => step === steps[index]) ? steps : ordered;
}

function isBegunBefore(step: StepRun, before: StepRun | undefined): boolean {
  if (before === undefined || before.state === "skipped") return false;
  if (step.state === "waiting" || step.state === "skipped") return false;
  if (before.state !== "done") return true;
  return step.triggeredAt !== null && step.triggeredAt < before.doneAt;
}

/** The names of the steps that the run is about. */
export function scopeOf(pipeline: Pipeline, run: Pick<Run, "from">): Set<string> {
  const roots = run.from ?? pipeline.steps.map(({ name }) => name);
  return withDescendants(pipeline.steps, roots);
}
