// What a push of a step's tag changes: within a run, and outside of any.
import { askDockerHub, judge, keepAsking } from "./confirm.ts";
import { leave, proceed, putStep, recordPush } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { successors } from "./graph.ts";
import type { Pipeline, Step } from "./pipeline.ts";
import { reconcile } from "./reconcile.ts";
import type { ActiveRun, Completion, EndedRun, PipelineState, StepRun } from "./run.ts";
import { begin } from "./start-run.ts";
import { finish } from "./step-transitions.ts";
import { sameUntimedPushMs } from "./timing.ts";
import { dropTold } from "./told-pushes.ts";

type Push = EventOf<"imagePushed">;

/** What a push does, should it count; without `take`, it is nothing that Docker Hub would have to confirm. */
type Effect =
  | { kind: "none"; decision: Decision }
  | {
      kind: "some";
      /** The step's first trigger in the run; null outside of any run. */
      triggeredAt: number | null;
      take: (recorded: PipelineState) => Decision;
    };

const none = (decision: Decision): Effect => ({ kind: "none", decision });

export function takePush(pipeline: Pipeline, state: PipelineState, event: Push, now: number): Decision {
  const { step, pushedAt, confirmation } = event;
  const settings = pipeline.steps.find(({ name }) => name === step);
  if (settings === undefined) return leave(state, "ignored", `there is no step ${JSON.stringify(step)}`);
  const effect =
    state.run?.status === "running"
      ? effectWithinRun(pipeline, state, reconcile(pipeline, state.run), event, now)
      : effectOutsideOfRun(pipeline, state, settings, event, now);
  if (effect.kind === "none") {
    const { decision } = effect;
    // Asked for by a sweep, it is settled now.
    return confirmation === null ? decision : { ...decision, state: dropTold(decision.state, step) };
  }
  if (pipeline.confirm === "webhook") {
    return effect.take(recordPush(state, { step, pushedAt, hubAt: null }, now));
  }
  if (confirmation === null) return askDockerHub(state, event, now);
  const { answer } = confirmation;
  const known = state.completions.find((completion) => completion.step === step);
  const toldAt = state.told.find((told) => told.step === step)?.at ?? 0;
  const heardAt = Math.max(confirmation.heardAt, toldAt);
  const verdict = judge(pipeline, answer, { known, triggeredAt: effect.triggeredAt, heardAt }, now);
  if (verdict !== "counts") return keepAsking(state, event, confirmation, verdict, now);
  const hubAt = answer.kind === "pushed" ? answer.hubAt : null;
  return effect.take(recordPush(state, { step, pushedAt, hubAt }, now));
}

function effectWithinRun(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  event: Push,
  now: number,
): Effect {
  const name = JSON.stringify(event.step);
  const step = run.steps.find((other) => other.name === event.step);
  if (step === undefined) return none(leave(state, "ignored", `run ${run.id} has no step ${name}`));
  const notTriggered = `step ${name} of run ${run.id} has not been triggered yet`;
  switch (step.state) {
    case "done":
      return none(leave(state, "duplicate", `step ${name} of run ${run.id} is done`));
    case "skipped":
      return none(
        run.pushedStep === step.name
          ? leave(state, "duplicate", `this push started run ${run.id}`)
          : leave(state, "ignored", `step ${name} is not part of run ${run.id}`),
      );
    case "waiting":
      return none(leave(state, "ignored", notTriggered));
    case "due":
    case "triggering":
    case "building":
    case "failed":
      if (step.triggeredAt === null) return none(leave(state, "ignored", notTriggered));
      if (pipeline.steps.find((other) => other.name === step.name)?.endedBy === "builder") {
        return none(leave(state, "ignored", `step ${name} is done when whoever builds it says so`));
      }
      // Late is better than never: a step that failed for time is done after all, and its run goes on.
      return {
        kind: "some",
        triggeredAt: step.triggeredAt,
        take: (recorded) => proceed(pipeline, recorded, putStep(run, finish(step, now)), now),
      };
  }
}

function effectOutsideOfRun(
  pipeline: Pipeline,
  state: PipelineState,
  settings: Step,
  event: Push,
  now: number,
): Effect {
  const name = JSON.stringify(event.step);
  const known = state.completions.find(({ step }) => step === event.step);
  if (known !== undefined && isSamePush(known, event, now)) {
    return none(leave(state, "duplicate", `this push of step ${name} was seen before`));
  }
  const cancelled = state.run?.status === "cancelled" ? state.run : null;
  const underWay = cancelled === null ? null : wasUnderWay(cancelled, settings, now);
  if (cancelled !== null && underWay !== null) {
    const reason = `run ${cancelled.id} was cancelled while this was being built`;
    const noted = finishCancelled(cancelled, event.step, now);
    const take = (recorded: PipelineState) => leave({ ...recorded, run: noted }, "ignored", reason);
    return { kind: "some", triggeredAt: underWay.triggeredAt, take };
  }
  if (pipeline.onPush === "ignore") {
    return none(leave(state, "ignored", "no run is active, and onPush is ignore"));
  }
  const from = successors(pipeline.steps, event.step);
  if (from.length === 0) {
    return none(leave(state, "ignored", `no run is active, and nothing comes after step ${name}`));
  }
  const start = { id: event.newRunId, cause: "push", from, pushedStep: event.step } as const;
  return { kind: "some", triggeredAt: null, take: (recorded) => begin(pipeline, recorded, start, now) };
}

/** Docker Hub sends several webhooks for one push. What tells them apart, where anything does, is the time of the push. */
function isSamePush(known: Completion, { pushedAt }: Push, now: number): boolean {
  if (pushedAt !== null && known.pushedAt !== null) return pushedAt === known.pushedAt;
  return now - known.at < sameUntimedPushMs;
}

/** The step, if its build was begun before the run was cancelled and may still arrive. */
function wasUnderWay(run: EndedRun, settings: Step, now: number): StepRun | null {
  const step = run.steps.find(({ name }) => name === settings.name);
  // What ends by its builder's word was stopped.
  const isBegun = settings.endedBy === "push" && step?.state === "skipped" && step.triggeredAt !== null;
  return isBegun && now < run.endedAt + settings.timeoutMs ? step : null;
}

function finishCancelled(run: EndedRun, name: string, now: number): EndedRun {
  return {
    ...run,
    steps: run.steps.map((step) => (step.name === name ? finish(step, now) : step)),
  };
}
