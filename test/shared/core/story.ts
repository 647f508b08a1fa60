// Tells a pipeline's story to decide(), event by event, for the tests of it.
import { compileConfig } from "../../../shared/core/compile.ts";
import { decide } from "../../../shared/core/decide.ts";
import type { Action, Decision, Event, TagAnswer, TriggerFailure } from "../../../shared/core/event.ts";
import type { Pipeline } from "../../../shared/core/pipeline.ts";
import { emptyState, type PipelineState } from "../../../shared/core/run.ts";

export const t0 = Date.UTC(2026, 10, 20, 3);
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Webhooks are believed unless the document says otherwise: most stories are not about that. */
export function pipelineOf(document: Record<string, unknown>): Pipeline {
  const [pipeline] = compileConfig({ pipelines: { p: { confirm: "webhook", ...document } } }).pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  return pipeline;
}

/** What happens, and when, counted from `t0`; errands are done at once. */
export type Happening = readonly [atMs: number, event: Event];

export function play(
  pipeline: Pipeline,
  happenings: readonly Happening[],
  from: PipelineState = emptyState,
): Decision {
  let decision: Decision = {
    state: from,
    outcome: { kind: "ignored", reason: "nothing has happened" },
    actions: [],
    replaced: null,
  };
  for (const [atMs, happened] of happenings) {
    const event = heardAt(happened, t0 + atMs);
    decision = doErrands(pipeline, decide(pipeline, decision.state, event, t0 + atMs), t0 + atMs);
  }
  return decision;
}

/** A webhook that is confirmed has come at the same instant. */
function heardAt(event: Event, now: number): Event {
  if (event.kind !== "imagePushed" || event.confirmation === null) return event;
  return { ...event, confirmation: { ...event.confirmation, heardAt: now } };
}

export function doErrands(pipeline: Pipeline, decision: Decision, now: number): Decision {
  const state = decision.actions.reduce(
    (sent, action) =>
      action.kind === "runErrand"
        ? decide(pipeline, sent, { kind: "errandDone", errand: action.errand }, now).state
        : sent,
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
  return actions.map(wordsOf);
}

function wordsOf(action: Action): string {
  switch (action.kind) {
    case "triggerStep":
      return `trigger ${action.step} ${action.attempt}`;
    case "lookUpTag":
      return `look up ${action.step}`;
    case "confirmPush":
      return `confirm ${action.push.step}`;
    case "takeSlot":
      return `take ${action.account.name} for ${action.step}`;
    case "freeSlot":
      return `free ${action.account} of ${action.step}`;
    case "stopBuild":
      return `stop ${action.step} ${action.attempt}`;
    case "startNext":
      return "start next";
    case "runErrand": {
      const { errand } = action;
      return errand.kind === "notify" ? `notify ${errand.subject}` : `start ${errand.pipeline}`;
    }
  }
}

export const runId = "p.run-1";

export function started(more: Partial<Extract<Event, { kind: "runRequested" }>> = {}): Event {
  return {
    kind: "runRequested",
    newRunId: runId,
    cause: "manual",
    from: null,
    scheduledFor: null,
    news: null,
    ...more,
  };
}

export function pushed(step: string, pushedAt: number | null = null, newRunId = runId): Event {
  return { kind: "imagePushed", step, pushedAt, newRunId, confirmation: null };
}

/** The same, with what Docker Hub says to it. */
export function confirmed(
  step: string,
  answer: TagAnswer,
  pushedAt: number | null = null,
  newRunId = runId,
): Event {
  return { kind: "imagePushed", step, pushedAt, newRunId, confirmation: { answer, heardAt: t0, random: 0 } };
}

export function accepted(step: string, attempt = 1, run = runId): Event {
  return { kind: "triggerAccepted", runId: run, step, attempt, ticket: null };
}

export function failed(step: string, failure: TriggerFailure, attempt = 1, run = runId): Event {
  return { kind: "triggerFailed", runId: run, step, attempt, failure, random: 0 };
}

export function lookedUp(step: string, answer: TagAnswer, attempt = 1): Event {
  return { kind: "tagLookedUp", runId, step, attempt, answer, random: 0 };
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
  wasAsked: true,
};
export const unreachable: TagAnswer = {
  kind: "unknown",
  reason: "the host was not found",
  retryAfterMs: null,
  wasAsked: false,
};
