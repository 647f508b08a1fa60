// Decides who is notified of a run, and when a failing pipeline has recovered.
import { describeBase, shortDigest } from "../evidence/evidence.ts";
import type { NoticeKind } from "../kinds/channel.ts";
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import type { Decision } from "./event.ts";
import { scopeOf } from "./reconcile.ts";
import {
  findStepRun,
  isSettled,
  isUnderWay,
  type Look,
  type Outage,
  type OutboxEntryOf,
  type PipelineState,
  type Run,
  type StepRun,
  type StepUnderWay,
} from "./state.ts";
import { outboxRetryMs } from "./timing.ts";

type Notice = OutboxEntryOf<"notify">;
type Subject = Notice["subject"];
type Failure = Notice["failed"][number];

const kinds: Record<Subject, readonly NoticeKind[]> = {
  runSucceeded: ["succeeded"],
  // A recovery is also a success; a channel that wants both gets one notice.
  runRecovered: ["recovered", "succeeded"],
  runFailed: ["failed"],
  runStalled: ["stalled"],
  runCancelled: [],
  imagesStale: ["stale"],
  gateWaiting: ["approval"],
};

/** One for the log, and one for each channel that subscribes to it. */
export function noticesOf(
  { notify }: Pipeline,
  run: Run,
  subject: Subject,
  since: number | null,
  now: number,
): Notice[] {
  const failed = [...run.steps.flatMap(failureOf), ...failedMoves(run)];
  const common = {
    kind: "notify",
    runId: run.id,
    at: now,
    attempts: 1,
    wakeAt: now + outboxRetryMs,
    failed,
    since,
    pushed: [] as string[],
  } as const;
  const pushed = run.status === "succeeded" ? describePushed(run) : [];
  const subscribers = notify.filter(({ on }) => kinds[subject].some((kind) => on.includes(kind)));
  return [
    { ...common, subject: subject === "runRecovered" ? "runSucceeded" : subject, channel: null },
    ...subscribers.map(({ channel, on }): Notice => {
      const isPlainSuccess = subject === "runRecovered" && !on.includes("recovered");
      return { ...common, subject: isPlainSuccess ? "runSucceeded" : subject, channel, pushed };
    }),
  ];
}

function failureOf(stepRun: StepRun): Failure[] {
  return stepRun.state === "failed" ? [failureWith(stepRun, stepRun.reason)] : [];
}

function failureWith({ name, attempts, triggeredAt, build }: StepRun, reason: string): Failure {
  // The URL comes from the builder: only https may become a link.
  const url = build?.url?.startsWith("https://") ? build.url : null;
  return {
    step: name,
    reason,
    attempts,
    ...(triggeredAt === null ? {} : { triedSince: triggeredAt }),
    ...(url === null ? {} : { url }),
  };
}

function failedMoves({ promotion }: Run): Failure[] {
  return promotion?.phase === "failed"
    ? promotion.failures.map((failure) => ({ ...failure, attempts: 0 }))
    : [];
}

const maxPushed = 10;

/** `api is sha256:0123456789ab now, and stands on base@sha256:ba9876543210` */
function describePushed({ steps }: Run): string[] {
  const built = steps.flatMap(({ name, state, pushed }) =>
    state === "done" && pushed !== null ? { name, pushed } : [],
  );
  const lines = built.map(({ name, pushed: { digest, standsOn } }) => {
    const bases = standsOn.flatMap(({ base, digest: below, verdict }) =>
      verdict === "proven" && below !== null ? `${describeBase(base)}@${shortDigest(below)}` : [],
    );
    const on = bases.length === 0 ? "" : `, and stands on ${bases.join(" and ")}`;
    return `${name} is ${shortDigest(digest)} now${on}`;
  });
  const more = lines.length - maxPushed;
  return more > 0 ? [...lines.slice(0, maxPushed), `and ${more} more`] : lines;
}

/** One for the log, and one for each channel that subscribes to stale images. */
export function noticeOfStale({ notify }: Pipeline, images: Look["images"], now: number): Notice[] {
  const since = images.flatMap((image) => image.since ?? []);
  const common = {
    kind: "notify",
    subject: "imagesStale",
    runId: null,
    at: now,
    attempts: 1,
    wakeAt: now + outboxRetryMs,
    pushed: [] as string[],
    failed: causesFirst(images).map(({ step, because }) => ({ step, reason: because, attempts: 0 })),
    since: since.length === 0 ? null : Math.min(...since),
  } as const;
  const subscribers = notify.filter(({ on }) => on.includes("stale"));
  return [{ ...common, channel: null }, ...subscribers.map(({ channel }) => ({ ...common, channel }))];
}

const importance = { stale: 0, behind: 1, unknown: 2 };

/** A channel may show the first few only, and what is behind becomes fresh only after what is stale. */
function causesFirst(images: Look["images"]): Look["images"] {
  return images.toSorted((a, b) => importance[a.state] - importance[b.state]);
}

/** The outage after a run has ended: what the run left of it, and what its failure added. */
export function outageAfter(pipeline: Pipeline, outage: Outage | null, run: Run, now: number): Outage | null {
  if (run.status === "cancelled") return outage;
  const scope = scopeOf(pipeline, run);
  const stepRuns = run.steps.filter(({ name }) => scope.has(name));
  const done = new Set(stepRuns.filter(isSettled).map(({ name }) => name));
  const open = stepRuns.map(({ name }) => name).filter((name) => !done.has(name));
  const left = (outage?.steps ?? []).filter(
    (name) => findStep(pipeline, name) !== undefined && !done.has(name),
  );
  const all = run.status === "failed" ? [...new Set([...left, ...open])] : left;
  return all.length === 0 ? null : { since: outage?.since ?? now, steps: all };
}

/** Asks people to approve the gates that have begun to wait for that. */
export function noticeApprovals(
  pipeline: Pipeline,
  before: PipelineState,
  decision: Decision,
  now: number,
): Decision {
  const { run } = decision.state;
  if (run?.status !== "running" || run === before.run) return decision;
  const waiting = run.steps.filter(
    ({ name, state }) =>
      state === "building" &&
      findStep(pipeline, name)?.trigger.kind === "approval" &&
      findStepRun(before.run, name)?.state === "triggering",
  );
  if (waiting.length === 0) return decision;
  const failed = waiting.map(({ name }) => ({ step: name, reason: "waits for an approval", attempts: 0 }));
  return withNotices(
    decision,
    noticesOf(pipeline, run, "gateWaiting", null, now).map((notice) => ({ ...notice, failed })),
  );
}

function withNotices(decision: Decision, notices: readonly Notice[]): Decision {
  const { state } = decision;
  const actions = notices.map((entry) => ({ kind: "deliverOutboxEntry", entry }) as const);
  return {
    ...decision,
    state: { ...state, outbox: [...state.outbox, ...notices] },
    actions: [...decision.actions, ...actions],
  };
}

/** Notifies once per run that a step is stalled. */
export function noticeStall(pipeline: Pipeline, decision: Decision, now: number): Decision {
  const { state } = decision;
  if (state.run?.status !== "running" || state.run.stalledAt !== null) return decision;
  const stalled = state.run.steps.filter(
    (stepRun) => isUnderWay(stepRun) && isStalled(pipeline, stepRun, now),
  );
  if (stalled.length === 0) return decision;
  const run = { ...state.run, stalledAt: now };
  const outage = state.outage ?? { since: now, steps: stalled.map(({ name }) => name) };
  const notices = noticesOf(pipeline, run, "runStalled", outage.since, now).map((notice) => ({
    ...notice,
    // What has failed already comes first: the run may not end for long.
    failed: [...notice.failed, ...stalled.map((stepRun) => failureWith(stepRun, whyStalled(stepRun, now)))],
  }));
  return withNotices({ ...decision, state: { ...state, run, outage } }, notices);
}

function isStalled(pipeline: Pipeline, stepRun: StepUnderWay, now: number): boolean {
  const step = findStep(pipeline, stepRun.name);
  // It has timed out: whether it was pushed after all or has failed is about to be known, and is reported then.
  if (stepRun.giveUpAt !== null && stepRun.giveUpAt <= now) return false;
  const since = underWaySince(stepRun);
  return step !== undefined && since !== null && now - since >= (pipeline.stalledAfterMs ?? step.timeoutMs);
}

/** Before its first trigger, a step is under way from the end of its delay on. */
function underWaySince(stepRun: StepUnderWay): number | null {
  return stepRun.triggeredAt ?? (stepRun.state === "due" ? stepRun.dueAt : null);
}

function whyStalled(stepRun: Run["steps"][number], now: number): string {
  if (stepRun.state === "due" && stepRun.reason !== null) return stepRun.reason;
  const since = stepRun.triggeredAt ?? now;
  return `triggered ${Math.round((now - since) / 60_000)} minutes ago, and not pushed yet`;
}
