// Applies the result of an action to its step, if the step still waits for it.
import { findStep, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { triggerOf } from "./advance.ts";
import { advanced, ignored } from "./decision.ts";
import type { Decision } from "./event.ts";
import { reconcile } from "./reconcile.ts";
import { findStepRun, type PipelineState, replaceStep, type StepRun } from "./state.ts";

/** `change` gives the step's new state, or null if the event means nothing to it any more. */
export function changeStep(
  pipeline: Pipeline,
  state: PipelineState,
  event: { runId: string; step: string; attempt: number },
  now: number,
  change: (stepRun: StepRun, step: Step) => StepRun | null,
): Decision {
  if (state.run?.status !== "running" || state.run.id !== event.runId) {
    return ignored(state, `run ${event.runId} is not active`);
  }
  const run = reconcile(pipeline, state.run);
  const stepRun = findStepRun(run, event.step);
  const step = findStep(pipeline, event.step);
  const changed =
    stepRun === undefined || step === undefined || stepRun.attempts !== event.attempt
      ? null
      : change(stepRun, step);
  if (changed === null) return ignored(state, `step ${JSON.stringify(event.step)} has moved on`);
  const triggers =
    changed.state === "triggering" ? [triggerOf(pipeline, run, state.completions, changed)] : [];
  return advanced(pipeline, state, replaceStep(run, changed), now, triggers);
}
