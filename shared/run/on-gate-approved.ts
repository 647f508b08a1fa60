// Handles `gateApproved`: a person lets a gate pass.
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import { advanced, duplicate, refused } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { reconcile } from "./reconcile.ts";
import { findStepRun, isUnderWay, type PipelineState, replaceStep } from "./state.ts";
import { markDone } from "./step-transitions.ts";

export function onGateApproved(
  pipeline: Pipeline,
  state: PipelineState,
  { runId, step: name }: EventOf<"gateApproved">,
  now: number,
): Decision {
  if (state.run?.status !== "running" || state.run.id !== runId) {
    return refused(state, `run ${runId} is not active`);
  }
  const run = reconcile(pipeline, state.run);
  const stepRun = findStepRun(run, name);
  const shown = JSON.stringify(name);
  if (stepRun === undefined || findStep(pipeline, name)?.image !== null) {
    return refused(state, `run ${runId} has no gate ${shown}`);
  }
  if (stepRun.state === "done") return duplicate(state, `gate ${shown} has passed already`);
  if (isUnderWay(stepRun)) {
    return advanced(pipeline, state, replaceStep(run, markDone(stepRun, null, "person", now)), now);
  }
  return refused(
    state,
    stepRun.state === "waiting"
      ? `gate ${shown} waits for the steps before it`
      : `gate ${shown} is ${stepRun.state}`,
  );
}
