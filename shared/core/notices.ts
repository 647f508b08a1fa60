// Who is to be told of what has happened to a run, and whether a pipeline that was in trouble is out of it.
import type { Decision } from "./event.ts";
import type { NoticeKind, Pipeline } from "./pipeline.ts";
import { scopeOf } from "./reconcile.ts";
import {
  type ErrandOf,
  isUnderWay,
  type PipelineState,
  type Run,
  type StepUnderWay,
  type Trouble,
} from "./run.ts";
import { errandMs } from "./timing.ts";

type Notice = ErrandOf<"notify">;
type Subject = Notice["subject"];

const kinds: Record<Subject, readonly NoticeKind[]> = {
  runSucceeded: ["succeeded"],
  // A recovery is a success, too, and is said once.
  runRecovered: ["recovered", "succeeded"],
  runFailed: ["failed"],
  runStalled: ["stalled"],
  runCancelled: [],
};

/** One for the log, and one for each channel that wants to hear of it. */
export function noticesOf(
  { notify }: Pipeline,
  run: Run,
  subject: Subject,
  since: number | null,
  now: number,
): Notice[] {
  const failed = run.steps.flatMap((step) =>
    step.state === "failed" ? { step: step.name, reason: step.reason, attempts: step.attempts } : [],
  );
  const common = {
    kind: "notify",
    runId: run.id,
    at: now,
    attempts: 1,
    wakeAt: now + errandMs,
    failed,
    since,
  } as const;
  const told = notify.filter(({ on }) => kinds[subject].some((kind) => on.includes(kind)));
  return [
    { ...common, subject: subject === "runRecovered" ? "runSucceeded" : subject, channel: null },
    ...told.map(({ channel, on }): Notice => {
      const isOne = subject === "runRecovered" && !on.includes("recovered");
      return { ...common, subject: isOne ? "runSucceeded" : subject, channel };
    }),
  ];
}

/** What is left of the trouble at the end of a run, and what that end has added to it. */
export function troubleAfter(
  pipeline: Pipeline,
  trouble: Trouble | null,
  run: Run,
  now: number,
): Trouble | null {
  if (run.status === "cancelled") return trouble;
  const scope = scopeOf(pipeline, run);
  const steps = run.steps.filter(({ name }) => scope.has(name));
  const done = new Set(steps.filter(({ state }) => state === "done").map(({ name }) => name));
  const open = steps.map(({ name }) => name).filter((name) => !done.has(name));
  const configured = new Set(pipeline.steps.map(({ name }) => name));
  const left = (trouble?.steps ?? []).filter((name) => configured.has(name) && !done.has(name));
  const all = run.status === "failed" ? [...new Set([...left, ...open])] : left;
  return all.length === 0 ? null : { since: trouble?.since ?? now, steps: all };
}

/** Says it once for a run that one of its steps gets no further. */
export function noticeStall(pipeline: Pipeline, decision: Decision, now: number): Decision {
  const { state } = decision;
  if (state.run?.status !== "running" || state.run.stalledAt !== null) return decision;
  const stalled = state.run.steps.filter((step) => isUnderWay(step) && isStalled(pipeline, step, now));
  if (stalled.length === 0) return decision;
  const run = { ...state.run, stalledAt: now };
  const trouble = state.trouble ?? { since: now, steps: stalled.map(({ name }) => name) };
  const notices = noticesOf(pipeline, run, "runStalled", trouble.since, now).map((notice) => ({
    ...notice,
    failed: stalled.map((step) => ({
      step: step.name,
      reason: reasonOf(step, now),
      attempts: step.attempts,
    })),
  }));
  const said: PipelineState = { ...state, run, trouble, errands: [...state.errands, ...notices] };
  const actions = notices.map((errand) => ({ kind: "runErrand", errand }) as const);
  return { ...decision, state: said, actions: [...decision.actions, ...actions] };
}

/** A build that was not there in its time is being tried again, or as the pipeline says. */
function isStalled({ steps, stalledAfterMs }: Pipeline, step: StepUnderWay, now: number): boolean {
  const settings = steps.find(({ name }) => name === step.name);
  // It is being seen to whether it is built after all, or has failed: that is said then.
  if (step.giveUpAt !== null && step.giveUpAt <= now) return false;
  const sinceMs = underWaySince(step);
  return (
    settings !== undefined && sinceMs !== null && now - sinceMs >= (stalledAfterMs ?? settings.timeoutMs)
  );
}

/** Before its first trigger a step is under way since it was due, should it wait for more than its delay. */
function underWaySince(step: StepUnderWay): number | null {
  return step.triggeredAt ?? (step.state === "due" ? step.dueAt : null);
}

function reasonOf(step: Run["steps"][number], now: number): string {
  if (step.state === "due" && step.reason !== null) return step.reason;
  const since = step.triggeredAt ?? now;
  return `triggered ${Math.round((now - since) / 60_000)} minutes ago, and not pushed yet`;
}
