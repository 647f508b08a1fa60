// What is to be done for a run that has ended: people are told, and what comes after its pipeline is started. Kept with
// the pipeline's state until it is done, so that no crash swallows it.
import type { Action, Decision, EventOf } from "./event.ts";
import type { EndedRun, Errand, PipelineState } from "./run.ts";
import { errandAtMostMs, errandMs, errandSeldomMs } from "./timing.ts";

export type WithActions = Pick<Decision, "state" | "actions">;

const subjects = {
  succeeded: "runSucceeded",
  failed: "runFailed",
  cancelled: "runCancelled",
} as const;

/** The end of a run: it is announced, and if it has succeeded, the pipelines that come after it are started. */
export function conclude(
  state: PipelineState,
  run: EndedRun,
  followers: readonly string[],
  now: number,
): WithActions {
  const core = { runId: run.id, at: now, attempts: 1, wakeAt: now + errandMs };
  const failed = run.steps.flatMap((step) =>
    step.state === "failed" ? { step: step.name, reason: step.reason } : [],
  );
  const notice: Errand = { ...core, kind: "notify", subject: subjects[run.status], failed };
  const toStart = run.status === "succeeded" ? followers : [];
  const starts = toStart.map((pipeline): Errand => ({ ...core, kind: "start", pipeline }));
  // One start does for all the runs that have succeeded meanwhile.
  const others = state.errands.filter(
    (errand) => errand.kind !== "start" || !toStart.includes(errand.pipeline),
  );
  const errands = [notice, ...starts];
  return {
    state: { ...state, errands: [...others, ...errands] },
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
  return errand.kind === "notify" ? errand.subject : `start ${errand.pipeline}`;
}
