// Handles `triggerAccepted` and `triggerFailed`: the answer to a trigger.
import { isOnDockerHub } from "../image/image.ts";
import type { Pipeline, Step } from "../pipeline/pipeline.ts";
import { findCompletion } from "./bases.ts";
import { changeStep } from "./change-step.ts";
import type { Decision, EventOf } from "./event.ts";
import type { PipelineState, StepUnderWay } from "./state.ts";
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
      ? markBuilding(noteDigest(state, stepRun, step, event), step, event.build, now)
      : null,
  );
}

export function onTriggerFailed(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"triggerFailed">,
  now: number,
): Decision {
  return changeStep(pipeline, state, event, now, (stepRun, step) =>
    stepRun.state === "triggering"
      ? afterTriggerFailure(noteDigest(state, stepRun, step, event), event.failure, event.random, now)
      : null,
  );
}

/** Docker Hub tells when a tag was pushed, so that what it pointed to is not looked up: the last known push has to do. */
function noteDigest(
  { completions }: PipelineState,
  stepRun: StepUnderWay,
  { name, image }: Step,
  { digestBefore }: { digestBefore: string | null },
): StepUnderWay {
  const known = isOnDockerHub(image) ? (findCompletion(completions, name)?.digest ?? null) : null;
  return { ...stepRun, digestBefore: stepRun.digestBefore ?? digestBefore ?? known };
}
