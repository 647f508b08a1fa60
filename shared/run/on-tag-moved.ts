// Handles `tagMoved`: notes what a tag points to, so that the registry's webhook for that starts no run.
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import { advancedOutcome, ignored, recordCompletion, refused } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import type { PipelineState } from "./state.ts";

export function onTagMoved(
  pipeline: Pipeline,
  state: PipelineState,
  { step, digest }: EventOf<"tagMoved">,
  now: number,
): Decision {
  if (findStep(pipeline, step) === undefined)
    return ignored(state, `there is no step ${JSON.stringify(step)}`);
  if (state.run?.status === "running") return refused(state, `run ${state.run.id} is active`);
  const moved = recordCompletion(state, { step, pushedAt: null, hubAt: null, digest, standsOn: [] }, now);
  return { state: moved, outcome: advancedOutcome, actions: [], replaced: null };
}
