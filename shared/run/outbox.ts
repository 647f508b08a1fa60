// What follows from the end of a run: notices, and starts of the pipelines after it. Kept in the pipeline's state until it
// is done, so that a crash loses nothing.
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Action, Decision, EventOf } from "./event.ts";
import { noticesOf, outageAfter } from "./notices.ts";
import type { EndedRun, OutboxEntry, OutboxEntryOf, PipelineState, Run, Seen } from "./state.ts";
import { outboxGiveUpMs, outboxMaxWaitMs, outboxRetryMs } from "./timing.ts";

export type WithActions = Pick<Decision, "state" | "actions">;

const subjects = { succeeded: "runSucceeded", failed: "runFailed", cancelled: "runCancelled" } as const;

/** Puts what follows from the end of a run into the outbox. */
export function fillOutbox(
  pipeline: Pipeline,
  { awaitedBy = [], ...state }: PipelineState,
  run: EndedRun,
  now: number,
): WithActions {
  const outage = outageAfter(pipeline, state.outage, run, now);
  const isRecovered = run.status === "succeeded" && outage === null && state.outage !== null;
  const subject = isRecovered ? "runRecovered" : subjects[run.status];
  const notices = noticesOf(pipeline, run, subject, (state.outage ?? outage)?.since ?? null, now);
  const followers = run.status === "succeeded" ? pipeline.followers : [];
  const core = { runId: run.id, at: now, attempts: 1, wakeAt: now + outboxRetryMs };
  const starts = [
    // A start of the schedule, which has waited, is the start that a success would cause, too.
    ...awaitedBy.map((waiting): StartEntry => {
      const seen = followers.includes(waiting.pipeline) ? successOf(run) : waiting.seen;
      return { ...core, kind: "start", ...waiting, ...(seen === undefined ? {} : { seen }) };
    }),
    ...followers
      .filter((name) => awaitedBy.every(({ pipeline: waiting }) => waiting !== name))
      .map((name): StartEntry => ({ ...core, kind: "start", pipeline: name })),
  ];
  // One start covers all the runs that succeeded meanwhile.
  const others = state.outbox.filter(
    (entry) => entry.kind !== "start" || !starts.some((start) => covers(start, entry)),
  );
  const added = [...notices, ...starts];
  return {
    state: { ...state, outage, outbox: [...others, ...added.filter(mustArrive)] },
    actions: added.map((entry) => ({ kind: "deliverOutboxEntry", entry })),
  };
}

type StartEntry = OutboxEntryOf<"start">;

/** A start of the schedule that is not caused by a success, too, may be skipped, so it covers no start that is. */
function covers(start: StartEntry, earlier: StartEntry): boolean {
  return start.pipeline === earlier.pipeline && (isBySuccess(start) || !isBySuccess(earlier));
}

function isBySuccess({ scheduledFor, seen }: StartEntry): boolean {
  return scheduledFor === undefined || seen !== undefined;
}

/** What makes a second start for the same success a duplicate. */
export function successOf({ pipeline, id }: Pick<Run, "pipeline" | "id">): Seen {
  return { name: `pipeline ${pipeline}`, value: id };
}

/** A success without a channel is only logged. To store that until it is done would cost a write and two entries of an index. */
function mustArrive(entry: OutboxEntry): boolean {
  return entry.kind !== "notify" || entry.channel !== null || entry.subject !== "runSucceeded";
}

export function removeFromOutbox(state: PipelineState, { entry }: EventOf<"outboxEntryDone">): PipelineState {
  const outbox = state.outbox.filter((other) => !isSame(other, entry));
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

/** Retries what failed or was cut short by a crash, at growing intervals, until it is too old. */
export function retryDueEntries(state: PipelineState, now: number): WithActions {
  if (state.outbox.every(({ wakeAt }) => wakeAt > now)) return { state, actions: [] };
  const actions: Action[] = [];
  const outbox = state.outbox.flatMap((entry) => {
    if (entry.wakeAt > now) return entry;
    if (now >= entry.at + outboxGiveUpMs[entry.kind]) return [];
    const waitMs = Math.min(outboxRetryMs * 2 ** entry.attempts, outboxMaxWaitMs[entry.kind]);
    const again = { ...entry, attempts: entry.attempts + 1, wakeAt: now + waitMs };
    actions.push({ kind: "deliverOutboxEntry", entry: again });
    return again;
  });
  return { state: { ...state, outbox }, actions };
}

function isSame(one: OutboxEntry, other: OutboxEntry): boolean {
  return keyOf(one) === keyOf(other) && one.runId === other.runId && one.at === other.at;
}

function keyOf(entry: OutboxEntry): string {
  return entry.kind === "notify" ? `${entry.subject} ${entry.channel ?? ""}` : `start ${entry.pipeline}`;
}
