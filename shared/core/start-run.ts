// Starts runs, starts them again, and ends them before their time.
import { end } from "./advance.ts";
import { advanced, leave, proceed, startNextAfter } from "./decision.ts";
import { conclude } from "./errands.ts";
import type { Decision, EventOf } from "./event.ts";
import { imageName } from "./image.ts";
import type { Pipeline } from "./pipeline.ts";
import { reconcile, scopeOf } from "./reconcile.ts";
import type { ActiveRun, News, PipelineState, Run } from "./run.ts";
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
  const { news } = event;
  if (news !== null && given.news.some(({ of, is }) => of === news.of && is === news.is)) {
    return leave(given, "duplicate", `${news.of} ${news.is} was seen before`);
  }
  const unknown = from?.find((name) => !pipeline.steps.some((step) => step.name === name));
  if (unknown !== undefined) return leave(given, "ignored", `there is no step ${JSON.stringify(unknown)}`);

  const scheduled = scheduledFor === null ? given : { ...given, scheduledFor };
  const state = news === null ? scheduled : remember(scheduled, [news]);
  const start = { id: newRunId, cause, from, pushedStep: null };
  if (state.run?.status !== "running") return begin(pipeline, state, start, now);

  const reason = `run ${state.run.id} is active`;
  if (cause === "manual") return leave(state, "refused", reason);
  if (cause !== "schedule")
    return { ...leave(queue(state, start, now), "ignored", reason), outcome: advanced };
  if (pipeline.overlap === "skip") return leave(state, "ignored", reason);
  return begin(pipeline, state, start, now);
}

export function remember(state: PipelineState, news: readonly News[]): PipelineState {
  const others = state.news.filter(({ of }) => news.every((one) => one.of !== of));
  return { ...state, news: [...others, ...news] };
}

/** What is asked for while a run is active is run after it, all of it in one run. */
function queue(state: PipelineState, { id, cause, from }: Start, now: number): PipelineState {
  const { next } = state;
  if (next === null) return { ...state, next: { id, cause, from, at: now } };
  const all = next.from === null || from === null ? null : [...new Set([...next.from, ...from])];
  return { ...state, next: { ...next, from: all } };
}

/** Starts what has waited for the end of a run; null where nothing has, or all of it is gone from the configuration. */
export function startNext(pipeline: Pipeline, state: PipelineState, now: number): Decision {
  const { next } = state;
  const rest = { ...state, next: null };
  const from = next?.from?.filter((name) => pipeline.steps.some((step) => step.name === name)) ?? null;
  if (next === null || pipeline.steps.length === 0 || from?.length === 0) {
    return leave(next === null ? state : rest, "ignored", "nothing is left to be run");
  }
  return begin(pipeline, rest, { id: next.id, cause: next.cause, from, pushedStep: null }, now);
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
  return proceed(pipeline, state, { ...rest, status: "running", stalledAt: null, steps }, now);
}

export function cancelRun(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"cancelled">,
  now: number,
): Decision {
  const { run } = state;
  if (run === null || run.id !== event.runId) return leave(state, "refused", "the run is over");
  if (run.status !== "running") return leave(state, "refused", `run ${run.id} is over (${run.status})`);
  const ended = end(run, "cancelled", now);
  const said = conclude(pipeline, { ...state, run: ended }, ended, now);
  const actions = [...said.actions, ...startNextAfter(said.state)];
  return { state: said.state, actions, outcome: advanced, replaced: null };
}

type Start = Pick<Run, "id" | "cause" | "from" | "pushedStep">;

/** A new run takes the place of the last one, which becomes history. */
export function begin(pipeline: Pipeline, given: PipelineState, start: Start, now: number): Decision {
  // A run of everything is one of what waits, too.
  const state = start.from === null ? { ...given, next: null } : given;
  if (state.run?.status !== "running") {
    return {
      ...proceed(pipeline, state, newRun(pipeline, start, now), now),
      replaced: state.run,
    };
  }
  const replaced = end(state.run, "cancelled", now);
  const said = conclude(pipeline, state, replaced, now);
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
    stalledAt: null,
    log: [],
    steps,
  };
}
