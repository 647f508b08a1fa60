// Feeds a sequence of events to `decide`, and builds those events.
import { compileConfig } from "../../../shared/config/compile.ts";
import type { TriggerFailure } from "../../../shared/kinds/builder.ts";
import type { TagAnswer } from "../../../shared/kinds/registry.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { Action, Decision, Event, RunCause } from "../../../shared/run/event.ts";
import { emptyState, type PipelineState } from "../../../shared/run/state.ts";

export const t0 = Date.UTC(2026, 10, 20, 3);
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Most stories are not about confirmation, so webhooks are trusted by default. */
export function pipelineOf(document: Record<string, unknown>): Pipeline {
  const [pipeline] = compileConfig({ pipelines: { p: { confirm: "webhook", ...document } } }).pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  return pipeline;
}

/** An event, and when it happens after `t0`. */
export type TimedEvent = readonly [atMs: number, event: Event];

/** Applies the events in order. Outbox entries are delivered at once. */
export function play(
  pipeline: Pipeline,
  timedEvents: readonly TimedEvent[],
  from: PipelineState = emptyState,
): Decision {
  let decision: Decision = {
    state: from,
    outcome: { kind: "ignored", reason: "nothing has happened" },
    actions: [],
    replacedRun: null,
  };
  for (const [atMs, given] of timedEvents) {
    const event = withReceivedAt(given, t0 + atMs);
    const now = t0 + atMs;
    decision = deliverOutbox(pipeline, decideWithAnswers(pipeline, decision.state, event, now), now);
  }
  return decision;
}

/** Answers what is asked before the event is saved. Most stories are not about evidence, so that there is none. */
export function decideWithAnswers(
  pipeline: Pipeline,
  state: PipelineState,
  event: Event,
  now: number,
): Decision {
  const decision = decide(pipeline, state, event, now);
  const [asked] = decision.actions;
  const answered = decision.outcome === null && asked !== undefined ? answerTo(asked) : null;
  return answered === null ? decision : decideWithAnswers(pipeline, state, answered, now);
}

/** The event with an answer that tells nothing; null for other actions. */
export function answerTo(action: Action): Event | null {
  switch (action.kind) {
    case "gatherEvidence":
      return { ...action.event, evidence: notAsked };
    case "lookUpDigests":
      return withDigests(action.event, Object.fromEntries(action.steps.map((step) => [step, null])));
    default:
      return null;
  }
}

const notAsked = { kind: "unknown", reason: "the registry was not asked", isTemporary: false } as const;

/** The event, after the tags of these steps were looked up. */
export function withDigests(event: Event, digests: Readonly<Record<string, string | null>>): Event {
  const found = Object.entries(digests).map(([step, digest]) => ({ step, digest }));
  return { ...event, digestsBefore: [...(event.digestsBefore ?? []), ...found] };
}

/** The webhook of a confirmed push arrives at the same instant. */
function withReceivedAt(event: Event, now: number): Event {
  return event.kind === "pushLookedUp" ? { ...event, receivedAt: now } : event;
}

export function deliverOutbox(pipeline: Pipeline, decision: Decision, now: number): Decision {
  const state = decision.actions.reduce(
    (delivered, action) =>
      action.kind === "deliverOutboxEntry"
        ? decide(pipeline, delivered, { kind: "outboxEntryDone", entry: action.entry }, now).state
        : delivered,
    decision.state,
  );
  return { ...decision, state };
}

/** `{ init: "done", latest: "building" }` */
export function statesOf({ state }: Pick<Decision, "state">): Record<string, string> {
  return Object.fromEntries((state.run?.steps ?? []).map((step) => [step.name, step.state]));
}

/** `["trigger init 1", "look up latest", "notify runFailed"]` */
export function actionsOf({ actions }: Pick<Decision, "actions">): string[] {
  return actions.map(formatAction);
}

function formatAction(action: Action): string {
  switch (action.kind) {
    case "triggerStep":
      return `trigger ${action.step} ${action.attempt}`;
    case "readTags":
      return `read tags of ${action.tags.map(({ step }) => step).join(" and ")}`;
    case "moveTags":
      return `move ${action.isBack ? "back " : ""}${action.moves.map(({ step }) => step).join(" and ")}`;
    case "lookForStale":
      return "look for stale images";
    case "lookAtStep":
      return `look at ${action.step}`;
    case "lookUpTag":
      return `look up ${action.step}`;
    case "lookUpBuild":
      return `look up the build of ${action.step}${action.isLast ? " at last" : ""}`;
    case "confirmPush":
      return `confirm ${action.push.step}`;
    case "lookUpDigests":
      return `look up ${action.steps.join(" and ")} before`;
    case "gatherEvidence":
      return `verify ${action.event.step}`;
    case "acquireSlot":
      return `acquire ${action.account.name} for ${action.step}`;
    case "releaseSlot":
      return `release ${action.account} of ${action.step}`;
    case "stopBuild":
      return `stop ${action.step} ${action.attempt}`;
    case "startQueuedRun":
      return "start queued run";
    case "deliverOutboxEntry": {
      const { entry } = action;
      return entry.kind === "notify" ? `notify ${entry.subject}` : `start ${entry.pipeline}`;
    }
  }
}

export const runId = "p.run-1";

type Start = { newRunId?: string; from?: string[] | null; parameters?: Record<string, string> } & (
  | RunCause
  | { cause?: never }
);

/** A manual start, unless another cause is given. */
export function started({ newRunId = runId, from, parameters, ...cause }: Start = {}): Event {
  const given = parameters === undefined ? {} : { parameters };
  const request = { kind: "runRequested", newRunId, from: from ?? null, ...given } as const;
  return cause.cause === undefined ? { ...request, cause: "manual" } : { ...request, ...cause };
}

export const approved = (step: string): Event => ({ kind: "gateApproved", runId, step });

export function pushed(
  step: string,
  pushedAt: number | null = null,
  newRunId = runId,
  digest: string | null = null,
): Event {
  return { kind: "imagePushed", step, pushedAt, digest, newRunId };
}

/** The same push, with the registry's answer. */
export function confirmed(
  step: string,
  answer: TagAnswer,
  pushedAt: number | null = null,
  newRunId = runId,
  digest: string | null = null,
): Event {
  const push = { step, pushedAt, digest, newRunId };
  return { kind: "pushLookedUp", ...push, answer, receivedAt: t0, random: 0 };
}

export function accepted(step: string, attempt = 1, run = runId): Event {
  return { kind: "triggerAccepted", runId: run, step, attempt, build: null };
}

export function failed(step: string, failure: TriggerFailure, attempt = 1, run = runId): Event {
  return { kind: "triggerFailed", runId: run, step, attempt, failure, random: 0 };
}

export function lookedUp(step: string, answer: TagAnswer, attempt = 1, run = runId): Event {
  return { kind: "tagLookedUp", runId: run, step, attempt, answer, random: 0 };
}

export const tick: Event = { kind: "tick" };
export const cancelled: Event = { kind: "cancelled", runId };
export const retried: Event = { kind: "retryRequested", runId };

export const refused: TriggerFailure = {
  kind: "refused",
  reason: "Docker Hub answered 503",
  retryAfterMs: null,
};
export const rejected: TriggerFailure = { kind: "rejected", reason: "the trigger is gone" };
export const lost: TriggerFailure = { kind: "unknown", reason: "no answer in time" };
export const notPushed: TagAnswer = { kind: "missing" };
export const pushedAfter = (ms: number): TagAnswer => ({ kind: "pushed", at: t0 + ms, hubAt: t0 + ms });
export const wasPushed = pushedAfter(10_000 * hour);
export const unreadable: TagAnswer = { kind: "unreadable", reason: "Docker Hub answered 404" };
export const noAnswer: TagAnswer = {
  kind: "unknown",
  reason: "Docker Hub answered 500",
  retryAfterMs: null,
  requestSent: true,
};
export const unreachable: TagAnswer = {
  kind: "unknown",
  reason: "the host was not found",
  retryAfterMs: null,
  requestSent: false,
};
