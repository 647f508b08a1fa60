// Handles `rollbackNoted`: notes what a tag points to, so that the registry's webhook for that starts no run.
import { findStep, imageNameOf, type Pipeline } from "../pipeline/pipeline.ts";
import { advancedOutcome, ignored, recordCompletion, refused } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import type { PipelineState } from "./state.ts";

export function onRollbackNoted(
  pipeline: Pipeline,
  state: PipelineState,
  { step: name, image, digest }: EventOf<"rollbackNoted">,
  now: number,
): Decision {
  const step = findStep(pipeline, name);
  if (step === undefined) return ignored(state, `there is no step ${JSON.stringify(name)}`);
  if (state.run?.status === "running") return refused(state, `run ${state.run.id} is active`);
  // Nothing is known of the tags of an earlier version, and pushes of them start nothing.
  if (image !== imageNameOf(step)) return { state, outcome: advancedOutcome, actions: [], replacedRun: null };
  const moved = recordCompletion(
    state,
    { step: name, pushedAt: null, hubAt: null, digest, standsOn: [] },
    now,
  );
  return { state: moved, outcome: advancedOutcome, actions: [], replacedRun: null };
}
