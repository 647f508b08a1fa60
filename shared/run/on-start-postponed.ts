// Handles `startPostponed`: a scheduled start of another pipeline waits until the active run of this one ends.
import { advancedOutcome, duplicate, ignored } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import type { PipelineState } from "./state.ts";

export function onStartPostponed(
  state: PipelineState,
  { pipeline, scheduledFor, seen }: EventOf<"startPostponed">,
): Decision {
  if (state.run?.status !== "running") return ignored(state, "no run is active");
  const awaitedBy = state.awaitedBy ?? [];
  const known = awaitedBy.find((other) => other.pipeline === pipeline);
  const isKnown = known !== undefined && known.scheduledFor >= scheduledFor;
  if (isKnown && (seen === undefined || known.seen !== undefined)) {
    return duplicate(state, "this start of the schedule waits already");
  }
  const others = awaitedBy.filter((other) => other !== known);
  const success = seen ?? known?.seen;
  const waiting = {
    pipeline,
    scheduledFor: Math.max(scheduledFor, known?.scheduledFor ?? 0),
    ...(success === undefined ? {} : { seen: success }),
  };
  const changed = { ...state, awaitedBy: [...others, waiting] };
  return { state: changed, outcome: advancedOutcome, actions: [], replacedRun: null };
}
