// Fits a run to a configuration that changed meanwhile: steps may be new, gone, or have another image or another place.
import { withDescendants } from "../pipeline/graph.ts";
import { hasImage, imageNameOf, isBuilt, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { baseStepsOf } from "./bases.ts";
import { isMovingTags } from "./promotion.ts";
import { findStepRun, type Run, type StepRun } from "./state.ts";
import { newStepRun, resetStep } from "./step-transitions.ts";

export function reconcile<R extends Run>(pipeline: Pipeline, run: R): R {
  if (isMovingTags(run.promotion)) return run;
  const configured = matchSteps(pipeline, run);
  const steps = restoreOrder(pipeline, run, configured);
  return steps === run.steps ? run : { ...run, steps };
}

function matchSteps(pipeline: Pipeline, run: Run): StepRun[] {
  const isSame =
    run.steps.length === pipeline.steps.length &&
    pipeline.steps.every((step, index) => {
      const stepRun = run.steps[index];
      return stepRun?.name === step.name && stepRun.image === imageNameOf(step);
    });
  if (isSame) return run.steps;
  const scope = scopeOf(pipeline, run);
  return pipeline.steps.map((step) => {
    const { name } = step;
    const image = imageNameOf(step);
    const stepRun = findStepRun(run, name);
    if (stepRun !== undefined && stepRun.image === image) return stepRun;
    return newStepRun(name, image, scope.has(name) ? "waiting" : "skipped", stepRun?.attempts);
  });
}

/**
 * Builds a step again if it started before a step that it now comes after was done, or if it must be proven to stand on one
 * that it was not compared with. Also builds a step that was not part of the run but now comes after one that is.
 */
function restoreOrder(pipeline: Pipeline, run: Run, steps: StepRun[]): StepRun[] {
  let scope: Set<string> | null = null;
  const isInScope = (name: string) => {
    scope ??= scopeOf(pipeline, run);
    return scope.has(name);
  };
  /** Only those that differ. */
  const reset = new Map<string, StepRun>();
  const now = { steps };
  for (const [index, step] of pipeline.steps.entries()) {
    const { name, after } = step;
    const stepRun = steps[index];
    if (stepRun === undefined) continue;
    const isEarly = after.some((other) =>
      isBegunBefore(stepRun, reset.get(other) ?? findStepRun(now, other)),
    );
    const isNew = stepRun.state === "skipped" && isInScope(name);
    if (isEarly || isNew || isUncompared(pipeline, step, stepRun)) reset.set(name, resetStep(stepRun));
  }
  return reset.size === 0 ? steps : steps.map((stepRun) => reset.get(stepRun.name) ?? stepRun);
}

/** Its image has to be proven or was found fresh, and was not compared with a base that it has now. */
function isUncompared(pipeline: Pipeline, step: Step, stepRun: StepRun): boolean {
  const { verify } = step;
  if (!hasImage(step)) return false;
  if (stepRun.state !== "fresh" && !(stepRun.state === "done" && verify === "required")) return false;
  const compared = (stepRun.pushed?.standsOn ?? []).map(({ base }) =>
    base.kind === "step" ? base.step : "",
  );
  return baseStepsOf(pipeline, step).some(({ name }) => !compared.includes(name));
}

function isBegunBefore(stepRun: StepRun, before: StepRun | undefined): boolean {
  if (before === undefined || before.state === "skipped" || before.state === "fresh") return false;
  if (stepRun.state === "waiting" || stepRun.state === "skipped") return false;
  if (before.state !== "done") return true;
  const begunAt = stepRun.state === "fresh" ? stepRun.freshAt : stepRun.triggeredAt;
  return begunAt !== null && begunAt < before.doneAt;
}

/** The names of the steps that are part of the run. */
export function scopeOf(pipeline: Pipeline, run: Pick<Run, "from">): Set<string> {
  const roots = run.from ?? pipeline.steps.map(({ name }) => name);
  const reached = withDescendants(pipeline.steps, roots);
  return new Set(
    pipeline.steps.filter((step) => isBuilt(step) && reached.has(step.name)).map(({ name }) => name),
  );
}
