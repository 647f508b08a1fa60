// What is to be done for a run that has ended: people are told, and what comes after its pipeline is started. Kept with
// the pipeline's state until it is done, so that no crash swallows it.
import type { Action, Decision, EventOf } from "./event.ts";
import { noticesOf, troubleAfter } from "./notices.ts";
import type { Pipeline } from "./pipeline.ts";
import type { EndedRun, Errand, PipelineState } from "./run.ts";
import { errandAtMostMs, errandMs, errandSeldomMs } from "./timing.ts";

export type WithActions = Pick<Decision, "state" | "actions">;

const subjects = {
  succeeded: "runSucceeded",
  failed: "runFailed",
  cancelled: "runCancelled",
} as const;

/** The end of a run: it is announced, and if it has succeeded, the pipelines that come after it are started. */
export function conclude(pipeline: Pipeline, state: PipelineState, run: EndedRun, now: number): WithActions {
  const trouble = troubleAfter(pipeline, state.trouble, run, now);
  const isRecovered = run.status === "succeeded" && trouble === null && state.trouble !== null;
  const subject = isRecovered ? "runRecovered" : subjects[run.status];
  const notices = noticesOf(pipeline, run, subject, (state.trouble ?? trouble)?.since ?? null, now);
  const toStart = run.status === "succeeded" ? pipeline.followers : [];
  const core = { runId: run.id, at: now, attempts: 1, wakeAt: now + errandMs };
  const starts = toStart.map((name): Errand => ({ ...core, kind: "start", pipeline: name }));
  // One start does for all the runs that have succeeded meanwhile.
  const others = state.errands.filter(
    (errand) => errand.kind !== "start" || !toStart.includes(errand.pipeline),
  );
  const errands = [...notices, ...starts];
  return {
    state: { ...state, trouble, errands: [...others, ...errands] },
    actions: errands.map((errand) => ({ kind: "runErrand", errand })),
  };
}

export function errandDone(state: PipelineState, { errand }: EventOf<"errandDone">): PipelineState {
  const errands = state.errands.filter((other) => !isSame(other, errand));
  return errands.length === state.errands.length ? state : { ...state, errands };
}

/** What was not done in its time, because of a crash or because it could not be done, is tried again. */
export function repeatOverdue(state: PipelineState, now: number): WithActions {
  if (state.errands.every(({ wakeAt }) => wakeAt > now)) return { state, actions: [] };
  const actions: Action[] = [];
  const errands = state.errands.flatMap((errand) => {
    if (errand.wakeAt > now) return errand;
    if (now >= errand.at + errandAtMostMs[errand.kind]) return [];
    const waitMs = Math.min(errandMs * 2 ** errand.attempts, errandSeldomMs[errand.kind]);
    const again = { ...errand, attempts: errand.attempts + 1, wakeAt: now + waitMs };
    actions.push({ kind: "runErrand", errand: again });
    return again;
  });
  return { state: { ...state, errands }, actions };
}

function isSame(one: Errand, other: Errand): boolean {
  return nameOf(one) === nameOf(other) && one.runId === other.runId && one.at === other.at;
}

function nameOf(errand: Errand): string {
  return errand.kind === "notify" ? `${errand.subject} ${errand.channel ?? ""}` : `start ${errand.pipeline}`;
}
