// What each gate last let pass. With `rebuild: stale`, it need not decide on that again, and what it refused does not get around it.
import { hasImage, isBuilt, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { baseStepsOf, digestOf } from "./bases.ts";
import { findStepRun, isSettled, type PassedGate, type PipelineState, type Run } from "./state.ts";

/** Records the gates that pass by this change of the run. */
export function recordPassedGates(pipeline: Pipeline, state: PipelineState, run: Run): PipelineState {
  const last = state.run?.id === run.id ? state.run : null;
  const passing = pipeline.steps.filter(
    (step) => !hasImage(step) && isDone(run, step) && !isDone(last, step),
  );
  if (passing.length === 0) return state;
  const passed = passing.map((step) => ({ gate: step.name, bases: basesOf(pipeline, run, state, step) }));
  const others = (state.passedGates ?? []).filter(({ gate }) =>
    pipeline.steps.some(({ name }) => name === gate && passing.every((step) => step.name !== name)),
  );
  return { ...state, passedGates: [...others, ...passed] };
}

/** False if there is nothing before the gate, or if it is not known what that is. */
export function hasPassedThese(
  pipeline: Pipeline,
  run: Run,
  state: Pick<PipelineState, "completions" | "passedGates">,
  step: Step,
): boolean {
  const bases = basesOf(pipeline, run, state, step);
  const last = state.passedGates?.find(({ gate }) => gate === step.name)?.bases ?? [];
  return (
    bases.length > 0 &&
    bases.every(
      (base) =>
        base.digest !== null && last.some((one) => one.step === base.step && one.digest === base.digest),
    )
  );
}

/** What is recorded of a base that this run has not looked at may be out of date. Of a base that is only watched, there is no more. */
function basesOf(
  pipeline: Pipeline,
  run: Run,
  { completions }: Pick<PipelineState, "completions">,
  step: Step,
): PassedGate["bases"] {
  return baseStepsOf(pipeline, step).map((base) => {
    const stepRun = findStepRun(run, base.name);
    const isSettledNow = stepRun !== undefined && isSettled(stepRun);
    const isKnown = isSettledNow || base.name === run.pushedStep || !isBuilt(base);
    return { step: base.name, digest: isKnown ? digestOf(run, completions, base.name) : null };
  });
}

function isDone(run: Run | null, { name }: Step): boolean {
  return findStepRun(run, name)?.state === "done";
}
