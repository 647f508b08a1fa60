// Appends to a run's log what a decision changed, for people who look at the run later.
import type { Decision } from "./event.ts";
import { withShorterLog } from "./shed.ts";
import { type PipelineState, type Run, type RunLogEntry, reasonOf } from "./state.ts";
import { type Transition, transitions } from "./transitions.ts";

/** A DynamoDB item is limited to 400 KB, and each write is billed by the kilobyte. */
const maxEntries = 200;
const maxReasonLength = 300;

export function appendLog(before: PipelineState, decision: Decision, now: number): Decision {
  const { state, replacedRun } = decision;
  if (state.run === before.run) return decision;
  return {
    ...decision,
    state: { ...state, run: state.run === null ? null : withLog(before.run, state.run, now) },
    replacedRun:
      replacedRun === null || replacedRun === before.run
        ? replacedRun
        : withLog(before.run, replacedRun, now),
  };
}

function withLog<R extends Run>(before: Run | null, run: R, now: number): R {
  const entries = transitions(before, run).map((transition) => entryOf(transition, now));
  return entries.length === 0 ? run : withShorterLog({ ...run, log: [...run.log, ...entries] }, maxEntries);
}

function entryOf(transition: Transition, at: number): RunLogEntry {
  if (transition.kind !== "stepChanged") {
    return { at, step: null, state: transition.run.status, attempt: 0, reason: null };
  }
  const { stepRun } = transition;
  const reason = reasonOf(stepRun)?.slice(0, maxReasonLength) ?? null;
  return { at, step: stepRun.name, state: stepRun.state, attempt: stepRun.attempts, reason };
}
