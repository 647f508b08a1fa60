// The possible results of an event: nothing changes, or a run advances.
import type { Pipeline } from "../pipeline/pipeline.ts";
import { advance } from "./advance.ts";
import { findCompletion } from "./bases.ts";
import type { Action, Decision, Outcome } from "./event.ts";
import { fillOutbox } from "./outbox.ts";
import { recordPassedGates } from "./passed-gates.ts";
import { dropPending } from "./pending-confirmations.ts";
import { forgetRenamedImages } from "./run-parameters.ts";
import type { ActiveRun, Completion, EndedRun, PipelineState } from "./state.ts";

export const advancedOutcome: Outcome = { kind: "advanced" };

export function ignored(state: PipelineState, reason: string): Decision {
  return { state, outcome: { kind: "ignored", reason }, actions: [], replacedRun: null };
}

export function duplicate(state: PipelineState, reason: string): Decision {
  return { state, outcome: { kind: "duplicate", reason }, actions: [], replacedRun: null };
}

export function refused(state: PipelineState, reason: string): Decision {
  return { state, outcome: { kind: "refused", reason }, actions: [], replacedRun: null };
}

/** Advances the run as far as it goes. `before` are actions to take first. */
export function advanced(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  now: number,
  before: Action[] = [],
): Decision {
  const known = recordPassedGates(pipeline, forgetRenamedImages(state, run), run);
  const { run: next, actions } = advance(pipeline, run, known, now);
  const all = [...before, ...actions];
  return next.status === "running"
    ? { state: { ...known, run: next }, outcome: advancedOutcome, actions: all, replacedRun: null }
    : ended(pipeline, known, next, now, all);
}

/** The run is over. */
export function ended(
  pipeline: Pipeline,
  state: PipelineState,
  run: EndedRun,
  now: number,
  before: Action[] = [],
): Decision {
  const filled = fillOutbox(pipeline, { ...state, run }, run, now);
  return {
    state: filled.state,
    outcome: advancedOutcome,
    actions: [...before, ...filled.actions, ...startQueuedAfter(filled.state)],
    replacedRun: null,
  };
}

/** A queued run starts as soon as the active one ends, without waiting for the sweep. */
export function startQueuedAfter({ run, queuedRun }: PipelineState): Action[] {
  return run?.status !== "running" && queuedRun !== null ? [{ kind: "startQueuedRun" }] : [];
}

export function recordCompletion(
  state: PipelineState,
  { step, pushedAt, hubAt, digest, ...known }: RecordedPush,
  now: number,
): PipelineState {
  const before = findCompletion(state.completions, step);
  // What is not known of this push is probably as it was.
  const { platforms = before?.platforms ?? [], standsOn = before?.standsOn ?? [] } = known;
  const completion = { step, at: now, pushedAt, hubAt, digest, platforms, standsOn };
  const completions =
    before === undefined
      ? [...state.completions, completion]
      : state.completions.map((other) => (other === before ? completion : other));
  return dropPending({ ...state, completions }, step);
}

export type RecordedPush = Omit<Completion, "at" | "platforms" | "standsOn"> &
  Partial<Pick<Completion, "platforms" | "standsOn">>;
