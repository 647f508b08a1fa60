// Starts runs, starts them again, and ends them before their time.
import { end } from "./advance.ts";
import { advanced, leave, proceed } from "./decision.ts";
import { conclude } from "./errands.ts";
import type { Decision, EventOf } from "./event.ts";
import { imageName } from "./image.ts";
import type { Pipeline } from "./pipeline.ts";
import { reconcile, scopeOf } from "./reconcile.ts";
import type { ActiveRun, PipelineState, Run } from "./run.ts";
import { newStepRun, startOver } from "./step-transitions.ts";

export function startRun(
  pipeline: Pipeline,
  given: PipelineState,
  event: EventOf<"runRequested">,
  now: number,
): Decision {
  const { scheduledFor, cause, from, newRunId } = event;
  if (scheduledFor !== null && given.scheduledFor !== null && scheduledFor <= given.scheduledFor) {
    return leave(given, "duplicate", "this start of the schedule was seen to before");
  }
  const { follows } = event;
  const last = given.followed.find(({ pipeline: other }) => other === follows?.pipeline);
  if (follows !== null && last?.runId === follows.runId) {
    return leave(given, "duplicate", `run ${last.runId} was followed before`);
  }
  const unknown = from?.find((name) => !pipeline.steps.some((step) => step.name === name));
  if (unknown !== undefined) return leave(given, "ignored", `there is no step ${JSON.stringify(unknown)}`);

  const state = scheduledFor === null ? given : { ...given, scheduledFor };
  const start = { id: newRunId, cause, from, pushedStep: null };
  if (state.run?.status !== "running") return begin(pipeline, follow(state, follows), start, now);

  const reason = `run ${state.run.id} is active`;
  if (cause === "manual") return leave(state, "refused", reason);
  if (cause !== "schedule" || pipeline.overlap === "skip") return leave(state, "ignored", reason);
  return begin(pipeline, state, start, now);
}

/** What is done stays done; everything else of the run is begun anew. */
export function retryRun(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"retryRequested">,
  now: number,
): Decision {
  const { run } = state;
  if (run === null || run.id !== event.runId) {
    return leave(state, "refused", "a later run has taken its place; start a new run instead");
  }
  if (run.status === "running") return leave(state, "refused", `run ${run.id} is active`);
  if (run.status === "succeeded")
    return leave(state, "refused", `run ${run.id} has succeeded; start a new run instead`);
  const fitted = reconcile(pipeline, run);
  const scope = scopeOf(pipeline, fitted);
  const { endedAt: _, ...rest } = fitted;
  const steps = fitted.steps.map((step) =>
    scope.has(step.name) && step.state !== "done" ? startOver(step) : step,
  );
  return proceed(pipeline, state, { ...rest, status: "running", steps }, now);
}

export function cancelRun(state: PipelineState, event: EventOf<"cancelled">, now: number): Decision {
  const { run } = state;
  if (run === null || run.id !== event.runId) return leave(state, "refused", "the run is over");
  if (run.status !== "running") return leave(state, "refused", `run ${run.id} is over (${run.status})`);
  const ended = end(run, "cancelled", now);
  return { ...conclude({ ...state, run: ended }, ended, [], now), outcome: advanced, replaced: null };
}

function follow(state: PipelineState, follows: PipelineState["followed"][number] | null): PipelineState {
  if (follows === null) return state;
  const others = state.followed.filter(({ pipeline }) => pipeline !== follows.pipeline);
  return { ...state, followed: [...others, follows] };
}

type Start = Pick<Run, "id" | "cause" | "from" | "pushedStep">;

/** A new run takes the place of the last one, which becomes history. */
export function begin(pipeline: Pipeline, state: PipelineState, start: Start, now: number): Decision {
  if (state.run?.status !== "running") {
    return {
      ...proceed(pipeline, state, newRun(pipeline, start, now), now),
      replaced: state.run,
    };
  }
  const replaced = end(state.run, "cancelled", now);
  const said = conclude(state, replaced, [], now);
  return { ...proceed(pipeline, said.state, newRun(pipeline, start, now), now, said.actions), replaced };
}

function newRun(pipeline: Pipeline, start: Start, now: number): ActiveRun {
  const scope = scopeOf(pipeline, start);
  const steps = pipeline.steps.map(({ name, image }) =>
    newStepRun(name, imageName(image), scope.has(name) ? "waiting" : "skipped"),
  );
  return {
    ...start,
    pipeline: pipeline.name,
    status: "running",
    startedAt: now,
    steps,
  };
}
