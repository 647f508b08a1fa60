// What it changes that whoever builds tells of the end of a build: a failure is known at once, and where nobody but the
// builder can tell, so is a success.
import { leave, proceed, putStep, recordPush } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import type { Pipeline, Step } from "./pipeline.ts";
import { reconcile } from "./reconcile.ts";
import type { PipelineState, StepRun } from "./run.ts";
import { buildFailed, finish, mayBeBuilt } from "./step-transitions.ts";

type Ended = EventOf<"buildEnded">;

export function takeBuildEnd(pipeline: Pipeline, state: PipelineState, event: Ended, now: number): Decision {
  if (state.run?.status !== "running" || state.run.id !== event.runId) {
    return leave(state, "ignored", `run ${event.runId} is not active`);
  }
  const run = reconcile(pipeline, state.run);
  const step = run.steps.find(({ name }) => name === event.step);
  const settings = pipeline.steps.find(({ name }) => name === event.step);
  const name = JSON.stringify(event.step);
  if (step === undefined || settings === undefined) {
    return leave(state, "ignored", `run ${run.id} has no step ${name}`);
  }
  if (event.end.kind === "succeeded" && settings.endedBy === "push") {
    return leave(state, "ignored", `step ${name} is done when its tag is pushed`);
  }
  const changed = step.attempts === event.attempt ? endBuild(step, settings, event, now) : null;
  if (changed === null) return leave(state, "ignored", `step ${name} has moved on`);
  // Pushes that the build has made are known by this, should their webhooks come later.
  const recorded =
    changed.state === "done"
      ? recordPush(state, { step: step.name, pushedAt: null, hubAt: null }, now)
      : state;
  return proceed(pipeline, recorded, putStep(run, changed), now);
}

function endBuild(step: StepRun, settings: Step, { end, random }: Ended, now: number): StepRun | null {
  // A failure may be told twice.
  if (!mayBeBuilt(step)) return null;
  return end.kind === "succeeded" ? finish(step, now) : buildFailed(step, settings, end.reason, random, now);
}
