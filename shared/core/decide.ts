// Decides what an event changes in a pipeline's state, and what is then to be done. Pure and total; nothing else
// changes a run.
import { leave, proceed, putStep, recordPush } from "./decision.ts";
import type { Action, Decision, Event } from "./event.ts";
import type { Pipeline, Step } from "./pipeline.ts";
import { reconcile } from "./reconcile.ts";
import { isUnderWay, type PipelineState, type StepRun, wakeAtOf } from "./run.ts";
import { cancelRun, retryRun, startRun } from "./start-run.ts";
import { build, lookedUp, lookUp, loseOutcome, triggerFailed } from "./step-transitions.ts";
import { takePush } from "./take-push.ts";

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
    if (step.triggeredAt === null) return step;
    lookUps.push({
      kind: "confirmPush",
      runId: run.id,
      step: step.name,
      attempt: step.attempts,
      sinceMs: step.triggeredAt,
    });
    return lookUp(step, now);
  });
  return proceed(pipeline, state, { ...run, steps }, now, lookUps);
}
