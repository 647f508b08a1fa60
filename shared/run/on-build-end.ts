// Handles `buildEnded`: the builder reported success or failure.
import { findStep, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { advanced, ignored, recordCompletion, replaceStep } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { reconcile } from "./reconcile.ts";
import { findStepRun, type PipelineState, type StepRun } from "./state.ts";
import { markDone, mayHaveBuild, retryOrFail } from "./step-transitions.ts";

type Ended = EventOf<"buildEnded">;

export function onBuildEnded(pipeline: Pipeline, state: PipelineState, event: Ended, now: number): Decision {
  if (state.run?.status !== "running" || state.run.id !== event.runId) {
    return ignored(state, `run ${event.runId} is not active`);
  }
  const run = reconcile(pipeline, state.run);
  const stepRun = findStepRun(run, event.step);
  const step = findStep(pipeline, event.step);
  const name = JSON.stringify(event.step);
  if (stepRun === undefined || step === undefined) return ignored(state, `run ${run.id} has no step ${name}`);
  if (event.end.kind === "succeeded" && step.endedBy === "push") {
    return ignored(state, `step ${name} is done when its tag is pushed`);
  }
  const changed = stepRun.attempts === event.attempt ? endBuild(stepRun, step, event, now) : null;
  if (changed === null) return ignored(state, `step ${name} has moved on`);
  // Recorded so that a webhook for the same push, should one come later, is recognised.
  const recorded =
    changed.state === "done"
      ? recordCompletion(state, { step: stepRun.name, pushedAt: null, hubAt: null, digest: null }, now)
      : state;
  return advanced(pipeline, recorded, replaceStep(run, changed), now);
}

function endBuild(stepRun: StepRun, step: Step, { end, random }: Ended, now: number): StepRun | null {
  // The same failure may be reported twice.
  if (!mayHaveBuild(stepRun)) return null;
  return end.kind === "succeeded"
    ? markDone(stepRun, now)
    : retryOrFail(stepRun, step, end.reason, random, now);
}
