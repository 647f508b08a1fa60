// Fits an active run to a configuration that has changed meanwhile: steps may have come, gone, or got another image.
import { withDescendants } from "./graph.ts";
import { imageName } from "./image.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Run } from "./run.ts";
import { newStepRun } from "./step-transitions.ts";

export function reconcile<R extends Run>(pipeline: Pipeline, run: R): R {
  const known = new Map(run.steps.map((step) => [step.name, step]));
  const isSame =
    run.steps.length === pipeline.steps.length &&
    pipeline.steps.every(({ name, image }, index) => {
      const step = run.steps[index];
      return step?.name === name && step.image === imageName(image);
    });
  if (isSame) return run;
  const scope = scopeOf(pipeline, run);
  const steps = pipeline.steps.map(({ name, image }) => {
    const step = known.get(name);
    if (step !== undefined && step.image === imageName(image)) return step;
    return newStepRun(name, imageName(image), scope.has(name) ? "waiting" : "skipped");
  });
  return { ...run, steps };
}

/** The names of the steps that the run is about. */
export function scopeOf(pipeline: Pipeline, run: Pick<Run, "from">): Set<string> {
  const roots = run.from ?? pipeline.steps.map(({ name }) => name);
  return withDescendants(pipeline.steps, roots);
}
