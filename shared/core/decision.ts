// How an event ends: nothing is changed, or a run moves on.
import { advance } from "./advance.ts";
import { conclude } from "./errands.ts";
import type { Action, Decision, Outcome } from "./event.ts";
import type { Pipeline } from "./pipeline.ts";
import type { ActiveRun, Completion, PipelineState, StepRun } from "./run.ts";
import { dropTold } from "./told-pushes.ts";

export const advanced: Outcome = { kind: "advanced" };

export function leave(
  state: PipelineState,
  kind: "duplicate" | "ignored" | "refused",
  reason: string,
): Decision {
  return { state, outcome: { kind, reason }, actions: [], replaced: null };
}

export function proceed(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  now: number,
  before: Action[] = [],
): Decision {
  const { run: next, actions } = advance(pipeline, run, now);
  const moved = { ...state, run: next };
  const ended =
    next.status === "running" ? { state: moved, actions: [] } : conclude(pipeline, moved, next, now);
  return {
    state: ended.state,
    outcome: advanced,
    actions: [...before, ...actions, ...ended.actions, ...startNextAfter(ended.state)],
    replaced: null,
  };
}

/** What has waited for the end of the run is started at once, not by the next sweep. */
export function startNextAfter({ run, next }: PipelineState): Action[] {
  return run?.status !== "running" && next !== null ? [{ kind: "startNext" }] : [];
}

export function putStep(run: ActiveRun, changed: StepRun): ActiveRun {
  return {
    ...run,
    steps: run.steps.map((step) => (step.name === changed.name ? changed : step)),
  };
}

export function recordPush(
  state: PipelineState,
  { step, pushedAt, hubAt }: Omit<Completion, "at">,
  now: number,
): PipelineState {
  const others = state.completions.filter((completion) => completion.step !== step);
  return dropTold({ ...state, completions: [...others, { step, at: now, pushedAt, hubAt }] }, step);
}
