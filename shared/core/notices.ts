// What people are told of a run: kept with its state until it has been said, so that no crash swallows it.
import type { Action, Decision, EventOf } from "./event.ts";
import type { EndedRun, Notice, PipelineState } from "./run.ts";
import { noticeAtMostMs, noticeMs } from "./timing.ts";

const subjects = {
  succeeded: "runSucceeded",
  failed: "runFailed",
  cancelled: "runCancelled",
} as const;

export type WithActions = Pick<Decision, "state" | "actions">;

/** The end of a run, to be said. */
export function announce(state: PipelineState, run: EndedRun, now: number): WithActions {
  const failed = run.steps.flatMap((step) =>
    step.state === "failed" ? { step: step.name, reason: step.reason } : [],
  );
  const notice: Notice = {
    subject: subjects[run.status],
    runId: run.id,
    at: now,
    failed,
    attempts: 1,
    wakeAt: now + noticeMs,
  };
  return { state: { ...state, notices: [...state.notices, notice] }, actions: [{ kind: "notify", notice }] };
}

export function noticeSent(state: PipelineState, { notice }: EventOf<"noticeSent">): PipelineState {
  const notices = state.notices.filter((other) => !isSame(other, notice));
  return notices.length === state.notices.length ? state : { ...state, notices };
}

/** What was not said in its time, because of a crash or because nobody could be told, is said again. */
export function sendOverdue(state: PipelineState, now: number): WithActions {
  if (state.notices.every(({ wakeAt }) => wakeAt > now)) return { state, actions: [] };
  const actions: Action[] = [];
  const notices = state.notices.flatMap((notice) => {
    if (notice.wakeAt > now) return notice;
    if (now >= notice.at + noticeAtMostMs) return [];
    const attempts = notice.attempts + 1;
    const again = { ...notice, attempts, wakeAt: now + noticeMs * Math.min(2 ** notice.attempts, 60) };
    actions.push({ kind: "notify", notice: again });
    return again;
  });
  return { state: { ...state, notices }, actions };
}

function isSame(one: Notice, other: Notice): boolean {
  return one.runId === other.runId && one.subject === other.subject && one.at === other.at;
}
