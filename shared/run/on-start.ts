// Handles `runRequested`, `retryRequested` and `cancelled`: starts runs, retries them, and ends them early.
import type { Parameters } from "../image/tag-parameters.ts";
import { findStep, imageNameOf, type Pipeline } from "../pipeline/pipeline.ts";
import { withParameters } from "../pipeline/with-parameters.ts";
import { endRun } from "./advance.ts";
import { advanced, advancedOutcome, duplicate, ignored, refused, startQueuedAfter } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { fillOutbox } from "./outbox.ts";
import { isMovingTags } from "./promotion.ts";
import { reconcile, scopeOf } from "./reconcile.ts";
import { forgetOtherImages, parametersOfRun, problemWithParameters } from "./run-parameters.ts";
import type { ActiveRun, PipelineState, QueuedRun, Run, Seen } from "./state.ts";
import { newStepRun, resetStep } from "./step-transitions.ts";

/** `parameters` are those that it is given. */
type Start = Pick<Run, "id" | "cause" | "from" | "pushedStep" | "because" | "onlyStale" | "parameters">;

/** More are refused: a queue that long is a mistake. */
const maxQueued = 20;

export function startRun(
  pipeline: Pipeline,
  given: PipelineState,
  event: EventOf<"runRequested">,
  now: number,
): Decision {
  const repeated = whyDuplicate(given, event);
  if (repeated !== null) return duplicate(given, repeated);
  const unknown = event.from?.find((name) => findStep(pipeline, name) === undefined);
  if (unknown !== undefined) return ignored(given, `there is no step ${JSON.stringify(unknown)}`);
  const start = startOf(event);
  const isQueued =
    event.cause === "schedule" &&
    event.seen !== undefined &&
    (isSkipped(pipeline, given) || isHandled(given, event.scheduledFor));
  return startOrQueue(
    pipeline,
    remember(given, event),
    isQueued ? { ...start, cause: "upstream" } : start,
    now,
    given,
  );
}

/** Whether a start of the schedule would be skipped. */
function isSkipped({ overlap }: Pipeline, { run }: PipelineState): boolean {
  return run?.status === "running" && (overlap === "skip" || isMovingTags(run.promotion));
}

/** Starts a run, or decides what to do while another one is active. If the queue is full, the state stays as it was `before`. */
export function startOrQueue(
  pipeline: Pipeline,
  state: PipelineState,
  start: Start,
  now: number,
  before = state,
): Decision {
  // The event was handled, and its outcome lost.
  if (state.run?.id === start.id || state.queuedRun?.id === start.id) {
    return duplicate(state, `run ${start.id} was already requested`);
  }
  if (scopeOf(pipeline, start).size === 0) {
    return refused(state, "there is nothing to build: these steps are only watched");
  }
  const wrong = problemWithParameters(pipeline, start.parameters, now);
  if (wrong !== null) return start.cause === "manual" ? refused(state, wrong) : ignored(state, wrong);
  if (state.run?.status !== "running") return beginRun(pipeline, state, start, now);
  const isMoving = isMovingTags(state.run.promotion);
  const reason = isMoving ? `run ${state.run.id} is moving its tags` : `run ${state.run.id} is active`;
  switch (start.cause) {
    case "manual":
      return refused(state, reason);
    case "schedule":
      return isSkipped(pipeline, state) ? ignored(state, reason) : beginRun(pipeline, state, start, now);
    default: {
      const queued = queueRun(state, start, now);
      if (queued === null) return ignored(before, `${reason}, and ${maxQueued} others are queued`);
      return { ...ignored(queued, reason), outcome: advancedOutcome };
    }
  }
}

function startOf(event: EventOf<"runRequested">): Start {
  const { newRunId, cause, from, onlyStale = false, parameters } = event;
  const because = "seen" in event && event.seen !== undefined ? describeSeen(event.seen) : null;
  const given = parameters === undefined ? {} : { parameters };
  return { id: newRunId, cause, from, pushedStep: null, because, onlyStale, ...given };
}

/** `acme/images main is at 1f2e3d4c5b6a` */
function describeSeen({ name, value }: Seen): string {
  const [, tag] = /^(\S+) [0-9a-f]{40}$/.exec(value) ?? [];
  if (tag !== undefined) return `tag ${tag} of ${name.replace(/^source | tags$/g, "")} was pushed`;
  const isCommit = /^[0-9a-f]{40}$/.test(value);
  return isCommit ? `${name.replace(/^source /, "")} is at ${value.slice(0, 12)}` : `${name}: ${value}`;
}

function whyDuplicate(state: PipelineState, event: EventOf<"runRequested">): string | null {
  switch (event.cause) {
    case "manual":
    case "stale":
      return null;
    case "schedule":
      if (event.seen !== undefined) return whySeen(state, event.seen);
      return isHandled(state, event.scheduledFor) ? "this start of the schedule was already handled" : null;
    default:
      return whySeen(state, event.seen);
  }
}

function whySeen(state: PipelineState, seen: Seen): string | null {
  return isSeen(state, seen) ? `${seen.name} ${seen.value} was already seen` : null;
}

export function isSeen({ lastSeen }: PipelineState, seen: Seen): boolean {
  return lastSeen.some(({ name, value }) => name === seen.name && value === seen.value);
}

/** Whether the instant of the schedule was handled. */
export function isHandled({ scheduledFor }: PipelineState, instant: number): boolean {
  return scheduledFor !== null && instant <= scheduledFor;
}

function remember(state: PipelineState, event: EventOf<"runRequested">): PipelineState {
  switch (event.cause) {
    case "manual":
    case "stale":
      return state;
    case "schedule": {
      const handled = { ...state, scheduledFor: Math.max(state.scheduledFor ?? 0, event.scheduledFor) };
      return event.seen === undefined ? handled : rememberSeen(handled, [event.seen]);
    }
    default:
      return rememberSeen(state, [event.seen]);
  }
}

export function rememberSeen(state: PipelineState, seen: readonly Seen[]): PipelineState {
  const others = state.lastSeen.filter(({ name }) => seen.every((one) => one.name !== name));
  return { ...state, lastSeen: dropOldSources([...others, ...seen]) };
}

/** A pattern of branches may match a new branch each day. */
const maxSources = 500;

function dropOldSources(seen: readonly Seen[]): Seen[] {
  let left = seen.filter(isSource).length - maxSources;
  return seen.filter((one) => {
    if (left <= 0 || !isSource(one)) return true;
    left -= 1;
    return false;
  });
}

function isSource({ name }: Seen): boolean {
  return name.startsWith("source ");
}

/** All that is requested while a run is active becomes one run after it, or one for each set of parameters. Null if these are too many. */
function queueRun(state: PipelineState, start: Start, now: number): PipelineState | null {
  const queue = queueOf(state);
  const same = queue.find(({ parameters }) => isSame(parameters, start.parameters));
  if (same === undefined && queue.length >= maxQueued) return null;
  return withQueue(
    state,
    same === undefined
      ? [...queue, queuedOf(start, now)]
      : queue.map((queued) => (queued === same ? merge(queued, start) : queued)),
  );
}

function queuedOf({ id, cause, from, because, onlyStale, parameters }: Start, now: number): QueuedRun {
  const given = parameters === undefined ? {} : { parameters };
  return { id, cause, from, because, onlyStale, ...given, at: now };
}

function merge(queuedRun: QueuedRun, { from, onlyStale }: Start): QueuedRun {
  const all = queuedRun.from === null || from === null ? null : [...new Set([...queuedRun.from, ...from])];
  return { ...queuedRun, from: all, onlyStale: queuedRun.onlyStale && onlyStale };
}

function isSame(one: Parameters = {}, other: Parameters = {}): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function queueOf({ queuedRun, queuedLater = [] }: PipelineState): QueuedRun[] {
  return queuedRun === null ? [] : [queuedRun, ...queuedLater];
}

function withQueue(state: PipelineState, [first, ...later]: QueuedRun[]): PipelineState {
  const { queuedLater: _, ...rest } = state;
  return { ...rest, queuedRun: first ?? null, ...(later.length === 0 ? {} : { queuedLater: later }) };
}

/** Starts the queued run, unless the configuration no longer has its steps or its parameters. */
export function startQueuedRun(pipeline: Pipeline, state: PipelineState, now: number): Decision {
  const [queuedRun, ...later] = queueOf(state);
  const from = queuedRun?.from?.filter((name) => findStep(pipeline, name) !== undefined) ?? null;
  if (queuedRun === undefined) return ignored(state, "no run is queued");
  const rest = withQueue(state, later);
  if (scopeOf(pipeline, { from }).size === 0) {
    return ignored(rest, "the configuration no longer has the steps of the queued run");
  }
  const wrong = problemWithParameters(pipeline, queuedRun.parameters, now);
  if (wrong !== null) return ignored(rest, wrong);
  const { at: _, ...start } = queuedRun;
  return beginRun(pipeline, rest, { ...start, from, pushedStep: null }, now);
}

/** A run of what the last one built has its parameters. */
export function sameParameters(run: Run | null): Pick<Start, "parameters"> {
  return run?.parameters === undefined ? {} : { parameters: run.parameters };
}

/** Keeps the steps that are done and starts the others again. */
export function retryRun(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"retryRequested">,
  now: number,
): Decision {
  const { run } = state;
  if (run === null || run.id !== event.runId) {
    return refused(state, "a later run has replaced this one; start a new run instead");
  }
  if (run.status === "running") return refused(state, `run ${run.id} is active`);
  if (run.status === "succeeded") {
    return refused(state, `run ${run.id} has succeeded; start a new run instead`);
  }
  const fitted = reconcile(pipeline, run);
  const scope = scopeOf(pipeline, fitted);
  const { endedAt: _, ...rest } = fitted;
  const steps = fitted.steps.map((stepRun) =>
    scope.has(stepRun.name) && stepRun.state !== "done" ? resetStep(stepRun) : stepRun,
  );
  const promotion = run.promotion === null ? null : ({ phase: "building" } as const);
  const stuck = run.promotion?.phase === "failed" ? run.promotion.moves : (run.stuck ?? []);
  const again: ActiveRun = {
    ...rest,
    status: "running",
    promotion,
    ...(stuck.length === 0 ? {} : { stuck }),
    stalledAt: null,
    steps,
  };
  return advanced(pipeline, state, again, now);
}

export function cancelRun(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"cancelled">,
  now: number,
): Decision {
  const { run } = state;
  if (run === null || run.id !== event.runId) return refused(state, "the run is over");
  if (run.status !== "running") return refused(state, `run ${run.id} is over (${run.status})`);
  if (isMovingTags(run.promotion)) {
    const advice = "wait until it has ended; `tagrelay rollback` moves them back";
    return refused(state, `run ${run.id} is moving its tags: ${advice}`);
  }
  const ended = endRun(run, "cancelled", now);
  const announced = fillOutbox(pipeline, { ...state, run: ended }, ended, now);
  const actions = [...announced.actions, ...startQueuedAfter(announced.state)];
  return { state: announced.state, actions, outcome: advancedOutcome, replacedRun: null };
}

/** Replaces the last run, which moves to the history. An active one is cancelled. */
export function beginRun(last: Pipeline, given: PipelineState, requested: Start, now: number): Decision {
  const { parameters: wanted, ...rest } = requested;
  const parameters = parametersOfRun(last, wanted, now);
  const pipeline = withParameters(last, parameters);
  const start = Object.keys(parameters).length === 0 ? rest : { ...rest, parameters };
  const isCovered = (queued: QueuedRun) =>
    isSame(queued.parameters, wanted) && coversQueued(last, start, queued);
  const queue = queueOf(given);
  const left = queue.filter((queued) => !isCovered(queued));
  const state = forgetOtherImages(
    last,
    pipeline,
    start.pushedStep,
    left.length === queue.length ? given : withQueue(given, left),
  );
  if (state.run?.status !== "running") {
    return { ...advanced(pipeline, state, newRun(pipeline, start, now), now), replacedRun: state.run };
  }
  const replacedRun = endRun(state.run, "cancelled", now);
  const announced = fillOutbox(last, state, replacedRun, now);
  return {
    ...advanced(pipeline, announced.state, newRun(pipeline, start, now), now, announced.actions),
    replacedRun,
  };
}

/** A run of the whole pipeline builds what is queued, unless it leaves out what is fresh and the queued run would build that. */
function coversQueued(
  { rebuild }: Pipeline,
  start: Pick<Start, "from" | "onlyStale">,
  queued: QueuedRun,
): boolean {
  if (start.from !== null) return false;
  if (queued.onlyStale) return true;
  return !start.onlyStale && (rebuild !== "stale" || queued.from === null);
}

function newRun(pipeline: Pipeline, start: Start, now: number): ActiveRun {
  const scope = scopeOf(pipeline, start);
  const steps = pipeline.steps.map((step) =>
    newStepRun(step.name, imageNameOf(step), scope.has(step.name) ? "waiting" : "skipped"),
  );
  return {
    ...start,
    pipeline: pipeline.name,
    status: "running",
    startedAt: now,
    promotion: pipeline.promotesTogether ? { phase: "building" } : null,
    stalledAt: null,
    log: [],
    steps,
  };
}
