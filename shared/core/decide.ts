// Decides what an event changes in a pipeline's state, and what is then to be done. Pure and total; nothing else
// changes a run.
import { askOverdue, isPushedSince } from "./confirm.ts";
import { advanced, leave, proceed, putStep, recordPush } from "./decision.ts";
import { errandDone, repeatOverdue } from "./errands.ts";
import type { Action, Decision, Event, EventOf } from "./event.ts";
import { keepLog } from "./keep-log.ts";
import { letGo } from "./let-go.ts";
import { noticeStall } from "./notices.ts";
import type { Pipeline, Step } from "./pipeline.ts";
import { reconcile } from "./reconcile.ts";
import { type ActiveRun, isUnderWay, type PipelineState, type StepRun } from "./run.ts";
import { cancelRun, retryRun, startNext, startRun } from "./start-run.ts";
import {
  build,
  finish,
  lookedUpInVain,
  lookUp,
  loseOutcome,
  mayBeBuilt,
  triggerFailed,
  wakeUnlookedUp,
} from "./step-transitions.ts";
import { takeBuildEnd } from "./take-build-end.ts";
import { takeDigests } from "./take-digests.ts";
import { takePush } from "./take-push.ts";
import { takeSlotNews } from "./take-slot-news.ts";
import { isBeingConfirmed } from "./told-pushes.ts";

export function decide(pipeline: Pipeline, state: PipelineState, event: Event, now: number): Decision {
  const changed = change(pipeline, state, event, now);
  const noticed = event.kind === "tick" ? noticeStall(pipeline, changed, now) : changed;
  return keepLog(state, letGo(pipeline, state, noticed), now);
}

function change(pipeline: Pipeline, state: PipelineState, event: Event, now: number): Decision {
  switch (event.kind) {
    case "runRequested":
      return startRun(pipeline, state, event, now);
    case "retryRequested":
      return retryRun(pipeline, state, event, now);
    case "cancelled":
      return cancelRun(pipeline, state, event, now);
    case "imagePushed":
      return takePush(pipeline, state, event, now);
    case "triggerAccepted":
      return changeStep(pipeline, state, event, now, (step, settings) =>
        // An answer that comes after its deadline is an answer all the same.
        mayBeBuilt(step) && step.state !== "building" ? build(step, settings, event.ticket, now) : null,
      );
    case "triggerFailed":
      return changeStep(pipeline, state, event, now, (step) =>
        step.state === "triggering" ? triggerFailed(step, event.failure, event.random, now) : null,
      );
    case "tagLookedUp":
      return takeLookUp(pipeline, state, event, now);
    case "upstreamsLookedUp":
      return takeDigests(pipeline, state, event, now);
    case "buildEnded":
      return takeBuildEnd(pipeline, state, event, now);
    case "slotTaken":
    case "slotRefused":
    case "slotFreed":
      return takeSlotNews(pipeline, state, event, now);
    case "errandDone":
      return { state: errandDone(state, event), outcome: advanced, actions: [], replaced: null };
    case "tick":
      return tick(pipeline, state, now);
  }
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
  const triggers = changed.state === "triggering" ? [triggerOf(run.id, changed)] : [];
  return proceed(pipeline, state, putStep(run, changed), now, triggers);
}

function triggerOf(runId: string, { name, attempts }: StepRun): Action {
  return { kind: "triggerStep", runId, step: name, attempt: attempts };
}

/** What Docker Hub says of a tag is true whichever call of the trigger it was asked for. */
function takeLookUp(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"tagLookedUp">,
  now: number,
): Decision {
  const { answer, step: name } = event;
  if (state.run?.status === "running" && state.run.id === event.runId && answer.kind === "pushed") {
    const run = reconcile(pipeline, state.run);
    const step = run.steps.find((other) => other.name === name);
    const known = state.completions.find((completion) => completion.step === name);
    const awaitsPush = step !== undefined && (isUnderWay(step) || step.state === "failed");
    if (awaitsPush && step.triggeredAt !== null && isPushedSince(answer, known, step.triggeredAt)) {
      const recorded = recordPush(state, { step: name, pushedAt: null, hubAt: answer.hubAt }, now);
      return proceed(pipeline, recorded, putStep(run, finish(step, now)), now);
    }
  }
  return changeStep(pipeline, state, event, now, (step, settings) =>
    isUnderWay(step) && step.triggeredAt !== null
      ? lookedUpInVain(step, settings, event, isBeingConfirmed(state, name), now)
      : null,
  );
}

function tick(pipeline: Pipeline, given: PipelineState, now: number): Decision {
  const asked = askOverdue(pipeline, given, now);
  const { state, actions } = repeatOverdue(asked.state, now);
  const before = [...asked.actions, ...actions];
  if (state.run?.status === "running") {
    const run = reconcile(pipeline, state.run);
    const isDue = run.steps.some((step) => isUnderWay(step) && step.wakeAt <= now);
    if (run !== state.run || isDue) return wakeSteps(pipeline, state, run, now, before);
  }
  if (state.run?.status !== "running" && state.next !== null) {
    const begun = startNext(pipeline, state, now);
    return { ...begun, actions: [...before, ...begun.actions] };
  }
  if (state === given) return leave(given, "ignored", "nothing is due");
  return { state, outcome: advanced, actions: before, replaced: null };
}

function wakeSteps(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  now: number,
  before: Action[],
): Decision {
  const actions: Action[] = [];
  const steps = run.steps.map((step) => {
    if (!isUnderWay(step) || step.wakeAt > now) return step;
    if (step.state === "triggering") return loseOutcome(step, now);
    // Triggered for the first time by advance().
    if (step.triggeredAt === null) return step;
    const settings = pipeline.steps.find(({ name }) => name === step.name);
    if (settings?.endedBy === "builder") {
      const woken = wakeUnlookedUp(step, settings, now);
      if (woken.state === "triggering") actions.push(triggerOf(run.id, woken));
      return woken;
    }
    actions.push({ kind: "lookUpTag", runId: run.id, step: step.name, attempt: step.attempts });
    return lookUp(step, now);
  });
  return proceed(pipeline, state, { ...run, steps }, now, [...before, ...actions]);
}
