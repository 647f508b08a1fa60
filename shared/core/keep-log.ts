// Keeps with a run what happened in it, as its transitions tell: what a person asks for who looks at it later.
import type { Decision } from "./event.ts";
import type { PipelineState, Run, RunLogEntry } from "./run.ts";
import { type Transition, transitions } from "./transitions.ts";

/** An item of DynamoDB has its limit, and each write costs by the kilobyte. */
const entriesAtMost = 200;
const reasonAtMost = 300;

export function keepLog(before: PipelineState, decision: Decision, now: number): Decision {
  const { state, replaced } = decision;
  if (state.run === before.run) return decision;
  return {
    ...decision,
    state: { ...state, run: state.run === null ? null : withLog(before.run, state.run, now) },
    replaced: replaced === null || replaced === before.run ? replaced : withLog(before.run, replaced, now),
  };
}

function withLog<R extends Run>(before: Run | null, run: R, now: number): R {
  const entries = transitions(before, run).map((transition) => entryOf(transition, now));
  return entries.length === 0 ? run : { ...run, log: [...run.log, ...entries].slice(-entriesAtMost) };
}

function entryOf(transition: Transition, at: number): RunLogEntry {
  if (transition.kind !== "stepChanged") {
    return { at, step: null, state: transition.run.status, attempt: 0, reason: null };
  }
  const { step } = transition;
  const reason = "reason" in step && step.reason !== null ? step.reason.slice(0, reasonAtMost) : null;
  return { at, step: step.name, state: step.state, attempt: step.attempts, reason };
}
