// Handles `startPostponed`: a scheduled start of another pipeline waits until the active run of this one ends.
import { advancedOutcome, duplicate, ignored } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import type { PipelineState } from "./state.ts";

export function onStartPostponed(
  state: PipelineState,
  { pipeline, scheduledFor }: EventOf<"startPostponed">,
): Decision {
  if (state.run?.status !== "running") return ignored(state, "no run is active");
  const awaitedBy = state.awaitedBy ?? [];
  const known = awaitedBy.find((other) => other.pipeline === pipeline);
  if (known !== undefined && known.scheduledFor >= scheduledFor) {
    return duplicate(state, "this start of the schedule waits already");
  }
  const others = awaitedBy.filter((other) => other !== known);
  const changed = { ...state, awaitedBy: [...others, { pipeline, scheduledFor }] };
  return { state: changed, outcome: advancedOutcome, actions: [], replacedRun: null };
}
