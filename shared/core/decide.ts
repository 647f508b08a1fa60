// Decides what an event changes in a pipeline's state, and what is then to be done. Pure and total; nothing else
// changes a run.
import { advance, end, noticeOf } from "./advance.ts";
import type { Action, Decision, Event, Outcome } from "./event.ts";
import { successors } from "./graph.ts";
import { imageName } from "./image.ts";
import type { Pipeline, Step } from "./pipeline.ts";
import { reconcile, scopeOf } from "./reconcile.ts";
import {
  type ActiveRun,
  type Completion,
  type EndedRun,
  isUnderWay,
  type PipelineState,
  type Run,
  type StepRun,
  wakeAtOf,
} from "./run.ts";
import {
  build,
  finish,
  lookedUp,
  lookUp,
  loseOutcome,
  newStepRun,
  triggerFailed,
} from "./step-transitions.ts";
import { sameUntimedPushMs } from "./timing.ts";

type EventOf<K extends Event["kind"]> = Extract<Event, { kind: K }>;

export function decide(pipeline: Pipeline, state: PipelineState, event: Event, now: number): Decision {
  switch (event.kind) {
    case "runRequested":
      return startRun(pipeline, state, event, now);
    case "retryRequested":
      return retryRun(pipeline, state, event, now);
    case "cancelled":
      return cancelRun(state, event, now);
    case "imagePushed":
      return takePush(pipeline, state, event, now);
    case "triggerAccepted":
      return changeStep(pipeline, state, event, now, (step, settings) =>
        // An answer that comes after its deadline is an answer all the same.
        step.state === "triggering" || step.state === "due" ? build(step, settings, now) : null,
      );
    case "triggerFailed":
      return changeStep(pipeline, state, event, now, (step) =>
        step.state === "triggering" ? triggerFailed(step, event.failure, event.random, now) : null,
      );
    case "tagLookedUp":
      return changeStep(pipeline, state, event, now, (step, settings) =>
        isUnderWay(step) ? lookedUp(step, settings, event.answer, event.random, now) : null,
      );
    case "tick":
      return tick(pipeline, state, now);
  }
}

const advanced: Outcome = { kind: "advanced" };

function leave(state: PipelineState, kind: "duplicate" | "ignored" | "refused", reason: string): Decision {
  return { state, outcome: { kind, reason }, actions: [], replaced: null };
}

function proceed(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  now: number,
  before: Action[] = [],
): Decision {
  const { run: next, actions } = advance(pipeline, run, now);
  return {
    state: { ...state, run: next },
    outcome: advanced,
    actions: [...before, ...actions],
    replaced: null,
  };
}

/** A new run takes the place of the last one, which becomes history. */
function begin(pipeline: Pipeline, state: PipelineState, start: Start, now: number): Decision {
  if (state.run?.status !== "running") {
    return {
      ...proceed(pipeline, state, newRun(pipeline, start, now), now),
      replaced: state.run,
    };
  }
  const replaced = end(state.run, "cancelled", now);
  return {
    ...proceed(pipeline, state, newRun(pipeline, start, now), now, [noticeOf(replaced)]),
    replaced,
  };
}

type Start = Pick<Run, "id" | "cause" | "from" | "pushedStep">;

function newRun(pipeline: Pipeline, start: Start, now: number): ActiveRun {
  const scope = scopeOf(pipeline, start);
  const steps = pipeline.steps.map(({ name, image }) =>
    newStepRun(name, imageName(image), scope.has(name) ? "waiting" : "skipped"),
  );
  return {
    ...start,
    pipeline: pipeline.name,
    status: "running",
    startedAt: now,
    steps,
  };
}

function startRun(
  pipeline: Pipeline,
  given: PipelineState,
  event: EventOf<"runRequested">,
  now: number,
): Decision {
  const { scheduledFor, cause, from, newRunId } = event;
  if (scheduledFor !== null && given.scheduledFor !== null && scheduledFor <= given.scheduledFor) {
    return leave(given, "duplicate", "this start of the schedule was seen to before");
  }
  const unknown = from?.find((name) => !pipeline.steps.some((step) => step.name === name));
  if (unknown !== undefined) return leave(given, "ignored", `there is no step ${JSON.stringify(unknown)}`);

  const state = scheduledFor === null ? given : { ...given, scheduledFor };
  const start = { id: newRunId, cause, from, pushedStep: null };
  if (state.run?.status !== "running") return begin(pipeline, state, start, now);

  const reason = `run ${state.run.id} is active`;
  if (cause === "manual") return leave(state, "refused", reason);
  if (cause !== "schedule" || pipeline.overlap === "skip") return leave(state, "ignored", reason);
  return begin(pipeline, state, start, now);
}

/** What is done stays done; everything else of the run is begun anew. */
function retryRun(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"retryRequested">,
  now: number,
): Decision {
  const { run } = state;
  if (run === null || run.id !== event.runId) {
    return leave(state, "refused", "a later run has taken its place; start a new run instead");
  }
  if (run.status === "running") return leave(state, "refused", `run ${run.id} is active`);
  if (run.status === "succeeded")
    return leave(state, "refused", `run ${run.id} has succeeded; start a new run instead`);
  const fitted = reconcile(pipeline, run);
  const scope = scopeOf(pipeline, fitted);
  const { endedAt: _, ...rest } = fitted;
  const steps = fitted.steps.map((step) =>
    scope.has(step.name) && step.state !== "done" ? newStepRun(step.name, step.image, "waiting") : step,
  );
  return proceed(pipeline, state, { ...rest, status: "running", steps }, now);
}

function cancelRun(state: PipelineState, event: EventOf<"cancelled">, now: number): Decision {
  const { run } = state;
  if (run === null || run.id !== event.runId) return leave(state, "refused", "the run is over");
  if (run.status !== "running") return leave(state, "refused", `run ${run.id} is over (${run.status})`);
  const ended = end(run, "cancelled", now);
  return {
    state: { ...state, run: ended },
    outcome: advanced,
    actions: [noticeOf(ended)],
    replaced: null,
  };
}

function takePush(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"imagePushed">,
  now: number,
): Decision {
  const settings = pipeline.steps.find(({ name }) => name === event.step);
  if (settings === undefined)
    return leave(state, "ignored", `there is no step ${JSON.stringify(event.step)}`);
  if (state.run?.status !== "running") return takePushOutsideOfRun(pipeline, state, settings, event, now);

  const run = reconcile(pipeline, state.run);
  const step = run.steps.find(({ name }) => name === event.step);
  if (step === undefined)
    return leave(state, "ignored", `run ${run.id} has no step ${JSON.stringify(event.step)}`);
  switch (step.state) {
    case "done":
      return leave(state, "duplicate", `step ${JSON.stringify(step.name)} of run ${run.id} is done`);
    case "skipped":
      return run.pushedStep === step.name
        ? leave(state, "duplicate", `this push started run ${run.id}`)
        : leave(state, "ignored", `step ${JSON.stringify(step.name)} is not part of run ${run.id}`);
    case "waiting":
      return leave(
        state,
        "ignored",
        `step ${JSON.stringify(step.name)} of run ${run.id} has not been triggered yet`,
      );
    case "due":
    case "triggering":
    case "building":
    case "failed":
      if (step.attempts === 0) {
        return leave(
          state,
          "ignored",
          `step ${JSON.stringify(step.name)} of run ${run.id} has not been triggered yet`,
        );
      }
      // Late is better than never: a step that failed for time is done after all, and its run goes on.
      return proceed(pipeline, recordPush(state, event, now), putStep(run, finish(step, now)), now);
  }
}

function takePushOutsideOfRun(
  pipeline: Pipeline,
  given: PipelineState,
  settings: Step,
  event: EventOf<"imagePushed">,
  now: number,
): Decision {
  const known = given.completions.find(({ step }) => step === event.step);
  if (known !== undefined && isSamePush(known, event, now)) {
    return leave(given, "duplicate", `this push of step ${JSON.stringify(event.step)} was seen before`);
  }
  const state = recordPush(given, event, now);
  const last = given.run;
  if (last?.status === "cancelled" && wasUnderWay(last, settings, now)) {
    const noted = finishCancelled(last, event.step, now);
    return leave(
      { ...state, run: noted },
      "ignored",
      `run ${last.id} was cancelled while this was being built`,
    );
  }
  if (pipeline.onPush === "ignore") return leave(given, "ignored", "no run is active, and onPush is ignore");
  const from = successors(pipeline.steps, event.step);
  if (from.length === 0) {
    return leave(
      given,
      "ignored",
      `no run is active, and nothing comes after step ${JSON.stringify(event.step)}`,
    );
  }
  return begin(pipeline, state, { id: event.newRunId, cause: "push", from, pushedStep: event.step }, now);
}

/** Docker Hub sends several webhooks for one push. What tells them apart, where anything does, is the time of the push. */
function isSamePush(known: Completion, { pushedAt }: EventOf<"imagePushed">, now: number): boolean {
  if (pushedAt !== null && known.pushedAt !== null) return pushedAt === known.pushedAt;
  return now - known.at < sameUntimedPushMs;
}

function recordPush(
  state: PipelineState,
  { step, pushedAt }: Pick<Completion, "step" | "pushedAt">,
  now: number,
): PipelineState {
  const others = state.completions.filter((completion) => completion.step !== step);
  return { ...state, completions: [...others, { step, at: now, pushedAt }] };
}

function wasUnderWay(run: EndedRun, settings: Step, now: number): boolean {
  const step = run.steps.find(({ name }) => name === settings.name);
  return step?.state === "skipped" && step.attempts > 0 && now < run.endedAt + settings.timeoutMs;
}

function finishCancelled(run: EndedRun, name: string, now: number): EndedRun {
  return {
    ...run,
    steps: run.steps.map((step) => (step.name === name ? finish(step, now) : step)),
  };
}

function putStep(run: ActiveRun, changed: StepRun): ActiveRun {
  return {
    ...run,
    steps: run.steps.map((step) => (step.name === changed.name ? changed : step)),
  };
}

/** Applies what became of an action to its step, if that is still what the step waits for. */
function changeStep(
  pipeline: Pipeline,
  state: PipelineState,
  event: { runId: string; step: string; attempt: number },
  now: number,
  change: (step: StepRun, settings: Step) => StepRun | null,
): Decision {
  if (state.run?.status !== "running" || state.run.id !== event.runId) {
    return leave(state, "ignored", `run ${event.runId} is not active`);
  }
  const run = reconcile(pipeline, state.run);
  const step = run.steps.find(({ name }) => name === event.step);
  const settings = pipeline.steps.find(({ name }) => name === event.step);
  const changed =
    step === undefined || settings === undefined || step.attempts !== event.attempt
      ? null
      : change(step, settings);
  if (changed === null) return leave(state, "ignored", `step ${JSON.stringify(event.step)} has moved on`);
  const recorded =
    changed.state === "done" ? recordPush(state, { step: event.step, pushedAt: null }, now) : state;
  const triggers: Action[] =
    changed.state === "triggering"
      ? [
          {
            kind: "triggerStep",
            runId: run.id,
            step: changed.name,
            attempt: changed.attempts,
          },
        ]
      : [];
  return proceed(pipeline, recorded, putStep(run, changed), now, triggers);
}

function tick(pipeline: Pipeline, state: PipelineState, now: number): Decision {
  if (state.run?.status !== "running") return leave(state, "ignored", "no run is active");
  const run = reconcile(pipeline, state.run);
  const nextAt = wakeAtOf(state);
  if (run === state.run && nextAt !== null && nextAt > now) return leave(state, "ignored", "nothing is due");
  const lookUps: Action[] = [];
  const steps = run.steps.map((step) => {
    if (!isUnderWay(step) || step.wakeAt > now) return step;
    if (step.state === "triggering") return loseOutcome(step, now);
    // Triggered for the first time by advance().
    if (step.attempts === 0) return step;
    const sinceMs = step.triggeredAt ?? run.startedAt;
    lookUps.push({
      kind: "confirmPush",
      runId: run.id,
      step: step.name,
      attempt: step.attempts,
      sinceMs,
    });
    return lookUp(step, now);
  });
  return proceed(pipeline, state, { ...run, steps }, now, lookUps);
}
