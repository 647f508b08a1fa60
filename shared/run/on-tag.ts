// Handles `tagLookedUp`: the registry's answer about the tag of a step whose push was not reported.
import type { Pipeline } from "../pipeline/pipeline.ts";
import { changeStep } from "./change-step.ts";
import { proofOf, showsPush } from "./confirm.ts";
import { advanced, recordCompletion, replaceStep } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { isConfirmationPending } from "./pending-confirmations.ts";
import { reconcile } from "./reconcile.ts";
import { findStepRun, isUnderWay, type PipelineState } from "./state.ts";
import { markDone, pushNotFound } from "./step-transitions.ts";

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
    const known = state.completions.find((completion) => completion.step === name);
    const awaitsPush = stepRun !== undefined && (isUnderWay(stepRun) || stepRun.state === "failed");
    if (awaitsPush && showsPush(answer, known, stepRun)) {
      const recorded = recordCompletion(state, { step: name, pushedAt: null, ...proofOf(answer) }, now);
      return advanced(pipeline, recorded, replaceStep(run, markDone(stepRun, now)), now);
    }
  }
  return changeStep(pipeline, state, event, now, (stepRun, step) =>
    isUnderWay(stepRun) && stepRun.triggeredAt !== null
      ? pushNotFound(stepRun, step, event, isConfirmationPending(state, name), now)
      : null,
  );
}
