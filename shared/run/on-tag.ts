// Handles `tagLookedUp`: the registry's answer about the tag of a step whose push was not reported.
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import { findCompletion } from "./bases.ts";
import { changeStep } from "./change-step.ts";
import { completeStep } from "./complete-step.ts";
import { proofOf, showsPush } from "./confirm.ts";
import type { Decision, EventOf } from "./event.ts";
import { isConfirmationPending } from "./pending-confirmations.ts";
import { reconcile } from "./reconcile.ts";
import { findStepRun, isUnderWay, type PipelineState } from "./state.ts";
import { pushNotFound } from "./step-transitions.ts";

/** A push counts whichever attempt the look-up was made for. */
export function onTagLookedUp(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"tagLookedUp">,
  now: number,
): Decision {
  const { answer, step: name } = event;
  if (state.run?.status === "running" && state.run.id === event.runId) {
    const run = reconcile(pipeline, state.run);
    const stepRun = findStepRun(run, name);
    const step = findStep(pipeline, name);
    const known = findCompletion(state.completions, name);
    const awaitsPush = stepRun !== undefined && (isUnderWay(stepRun) || stepRun.state === "failed");
    if (step !== undefined && awaitsPush && showsPush(answer, known, stepRun)) {
      const push = { step: name, pushedAt: null, ...proofOf(answer) };
      const result = completeStep(pipeline, state, { run, stepRun, step, push }, event, now);
      if (result.kind === "decided") return result.decision;
      return afterNoPush(pipeline, state, { ...event, answer: result.answer }, now);
    }
  }
  return afterNoPush(pipeline, state, event, now);
}

function afterNoPush(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"tagLookedUp">,
  now: number,
): Decision {
  return changeStep(pipeline, state, event, now, (stepRun, step) =>
    isUnderWay(stepRun) && stepRun.triggeredAt !== null
      ? pushNotFound(stepRun, step, event, isConfirmationPending(state, event.step), now)
      : null,
  );
}
