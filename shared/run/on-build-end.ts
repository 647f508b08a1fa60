// Handles `buildEnded`, by which a builder reports success or failure, and `buildNotEnded`, its answer to the last question.
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import { changeStep } from "./change-step.ts";
import { completeStep } from "./complete-step.ts";
import { advanced, ignored } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { reconcile } from "./reconcile.ts";
import { findStepRun, type PipelineState, replaceStep } from "./state.ts";
import { mayHaveBuild, notEnded, retryOrFail } from "./step-transitions.ts";

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
  // The same end may be reported twice.
  if (stepRun.attempts !== event.attempt || !mayHaveBuild(stepRun)) {
    return ignored(state, `step ${name} has moved on`);
  }
  const fail = (reason: string) =>
    advanced(pipeline, state, replaceStep(run, retryOrFail(stepRun, step, reason, event.random, now)), now);
  if (event.end.kind === "failed") return fail(event.end.reason);
  // Recorded so that a webhook for the same push, should one come later, is recognised.
  const push = { step: step.name, pushedAt: null, hubAt: null, digest: null };
  const result = completeStep(pipeline, state, { run, stepRun, step, push }, event, now);
  return result.kind === "decided" ? result.decision : fail(result.answer.reason);
}

export function onBuildNotEnded(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"buildNotEnded">,
  now: number,
): Decision {
  return changeStep(pipeline, state, event, now, (stepRun, step) => notEnded(stepRun, step, event, now));
}
