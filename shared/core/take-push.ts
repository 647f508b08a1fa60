// What a push of a step's tag changes: within a run, and outside of any.
import { leave, proceed, putStep, recordPush } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { successors } from "./graph.ts";
import type { Pipeline, Step } from "./pipeline.ts";
import { reconcile } from "./reconcile.ts";
import type { Completion, EndedRun, PipelineState } from "./run.ts";
import { begin } from "./start-run.ts";
import { finish } from "./step-transitions.ts";
import { sameUntimedPushMs } from "./timing.ts";

export function takePush(
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
      if (step.triggeredAt === null) {
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

function wasUnderWay(run: EndedRun, settings: Step, now: number): boolean {
  const step = run.steps.find(({ name }) => name === settings.name);
  return step?.state === "skipped" && step.triggeredAt !== null && now < run.endedAt + settings.timeoutMs;
}

function finishCancelled(run: EndedRun, name: string, now: number): EndedRun {
  return {
    ...run,
    steps: run.steps.map((step) => (step.name === name ? finish(step, now) : step)),
  };
}
