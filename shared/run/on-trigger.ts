// Handles `triggerAccepted` and `triggerFailed`: the answer to a trigger.
import type { Pipeline } from "../pipeline/pipeline.ts";
import { changeStep } from "./change-step.ts";
import type { Decision, EventOf } from "./event.ts";
import type { PipelineState } from "./state.ts";
import { afterTriggerFailure, markBuilding, mayHaveBuild } from "./step-transitions.ts";

export function onTriggerAccepted(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"triggerAccepted">,
  now: number,
): Decision {
  return changeStep(pipeline, state, event, now, (stepRun, step) =>
    // An answer after the deadline still counts.
    mayHaveBuild(stepRun) && stepRun.state !== "building"
      ? markBuilding(stepRun, step, event.build, now)
      : null,
  );
}

export function onTriggerFailed(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"triggerFailed">,
  now: number,
): Decision {
  return changeStep(pipeline, state, event, now, (stepRun) =>
    stepRun.state === "triggering" ? afterTriggerFailure(stepRun, event.failure, event.random, now) : null,
  );
}
