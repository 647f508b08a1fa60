// Looks at the registries as often as the pipeline says, and handles `freshnessLookedAt`: what is stale is built, or reported.
import { findStep, hasImage, isBuilt, type Pipeline } from "../pipeline/pipeline.ts";
import { baseStepsOf } from "./bases.ts";
import { advancedOutcome, ignored } from "./decision.ts";
import type { Action, Decision, EventOf, LookedAt } from "./event.ts";
import { imagesToCheck } from "./images-to-check.ts";
import { noticeOfStale } from "./notices.ts";
import { sameParameters, startOrQueue } from "./on-start.ts";
import type { Look, PipelineState } from "./state.ts";
import { firstLookMs, lookAgainMs, lookUnreadAgainMs } from "./timing.ts";

/** Plans the first look of a pipeline that is looked at, and one after each run. Forgets that of one that is no longer. */
export function planLook(
  { lookEveryMs }: Pipeline,
  before: PipelineState,
  decision: Decision,
  now: number,
): Decision {
  const { state } = decision;
  const hasEnded = before.run?.status === "running" && state.run?.status !== "running";
  const planned = hasEnded ? Math.min(state.lookAt ?? now + firstLookMs, now + firstLookMs) : state.lookAt;
  const lookAt = lookEveryMs === null ? null : (planned ?? now + firstLookMs);
  return state === before || lookAt === state.lookAt
    ? decision
    : { ...decision, state: { ...state, lookAt } };
}

/** The look that is due. While a run builds, much is stale for a while, so the look waits. */
export function lookIfDue(
  pipeline: Pipeline,
  state: PipelineState,
  now: number,
): { state: PipelineState; actions: Action[] } {
  if (pipeline.lookEveryMs === null)
    return { state: state.lookAt === null ? state : { ...state, lookAt: null }, actions: [] };
  if (state.lookAt !== null && state.lookAt > now) return { state, actions: [] };
  if (state.run?.status === "running") return { state: { ...state, lookAt: now + lookAgainMs }, actions: [] };
  return { state, actions: [{ kind: "lookForStale", images: imagesToCheck(pipeline, state.completions) }] };
}

export function onFreshnessLookedAt(
  pipeline: Pipeline,
  state: PipelineState,
  { images, newRunId }: EventOf<"freshnessLookedAt">,
  now: number,
): Decision {
  if (pipeline.lookEveryMs === null) return ignored(state, "the pipeline is not looked at any more");
  const unread = images.some(({ isTemporary }) => isTemporary) ? (state.look?.unread ?? 0) + 1 : 0;
  const look: Look = {
    at: now,
    ...(unread === 0 ? {} : { unread }),
    images: images.flatMap((image) => keepNotFresh(image, state.look)),
  };
  const againMs = unread === 0 ? pipeline.lookEveryMs : lookUnreadAgainMs * 2 ** (unread - 1);
  const looked = { ...state, look, lookAt: now + Math.min(againMs, pipeline.lookEveryMs) };
  const stale = hasJustTried(pipeline, state, now) ? [] : stepsToBuild(pipeline, look);
  if (stale.length > 0) {
    const because = whyBehind(look, stale);
    const from = withGatesBefore(pipeline, stale);
    const start = { id: newRunId, cause: "stale", from, pushedStep: null, because, onlyStale: true } as const;
    return startOrQueue(pipeline, looked, { ...start, ...sameParameters(state.run) }, now);
  }
  const known = new Set(staleIn(state.look).map(({ step }) => step));
  const found = staleIn(look).filter(({ step }) => !known.has(step));
  if (found.length === 0) return { state: looked, outcome: advancedOutcome, actions: [], replacedRun: null };
  const notices = noticeOfStale(pipeline, found, now);
  const actions = notices.map((entry) => ({ kind: "deliverOutboxEntry", entry }) as const);
  const notified = { ...looked, outbox: [...looked.outbox, ...notices] };
  return { state: notified, outcome: advancedOutcome, actions, replacedRun: null };
}

const maxReason = 300;

/** What could not be read at the moment is as it was found last. */
function keepNotFresh(
  { step, state, since, because, isTemporary }: LookedAt,
  last: Look | null,
): Look["images"] {
  const before = isTemporary ? staleIn(last).find((image) => image.step === step) : undefined;
  if (before !== undefined) return [before];
  return state === "fresh" ? [] : [{ step, state, since, because: because.join("; ").slice(0, maxReason) }];
}

function staleIn(look: Look | null): Look["images"] {
  return look?.images.filter(({ state }) => state !== "unknown") ?? [];
}

function whyBehind({ images }: Look, steps: readonly string[]): string {
  const stale = images.filter(({ step }) => steps.includes(step));
  return stale
    .map(({ step, because }) => `${step} ${because}`)
    .join("; ")
    .slice(0, maxReason);
}

/** A run of what was stale could not make it fresh. Another would not, either. */
function hasJustTried({ lookEveryMs }: Pipeline, { run }: PipelineState, now: number): boolean {
  if (run === null || run.status === "running" || run.cause !== "stale") return false;
  return now - run.endedAt < (lookEveryMs ?? 0) - lookAgainMs;
}

/**
 * A stale step waits for the gates between it and its bases, so the run starts before those: at the bases, to find out what
 * they are now, or at the gate, if its bases are only watched.
 */
function withGatesBefore(pipeline: Pipeline, names: readonly string[]): string[] {
  const starts = names.flatMap((name) => {
    const before = findStep(pipeline, name)?.after ?? [];
    const gates = before
      .flatMap((other) => findStep(pipeline, other) ?? [])
      .filter((step) => !hasImage(step));
    if (gates.length === 0) return [name];
    const bases = gates.flatMap((gate) => baseStepsOf(pipeline, gate)).filter(isBuilt);
    return withGatesBefore(
      pipeline,
      (bases.length > 0 ? bases : gates).map((step) => step.name),
    );
  });
  return [...new Set(starts)];
}

/** What comes after them is looked at in the run. */
function stepsToBuild(pipeline: Pipeline, { images }: Look): string[] {
  if (pipeline.rebuild !== "stale") return [];
  const stale = images.filter(({ state }) => state === "stale").map(({ step }) => step);
  return pipeline.steps.filter((step) => isBuilt(step) && stale.includes(step.name)).map(({ name }) => name);
}
