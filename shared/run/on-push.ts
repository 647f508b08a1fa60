// Handles `imagePushed` and `pushLookedUp`: a step's tag was pushed, during a run or while none is active.
import { type PushedImage, shortDigest } from "../evidence/evidence.ts";
import { successors } from "../pipeline/graph.ts";
import { findStep, imageNameOf, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { findCompletion } from "./bases.ts";
import { afterVerification, type CompleteResult, completeStep } from "./complete-step.ts";
import { judge, proofOf, requestConfirmation, retryConfirmation, type Triggered } from "./confirm.ts";
import { advanced, duplicate, ignored, type RecordedPush, recordCompletion } from "./decision.ts";
import type { Decision, EventOf, ReportedPush } from "./event.ts";
import { beginRun, sameParameters } from "./on-start.ts";
import { dropPending } from "./pending-confirmations.ts";
import { reconcile, scopeOf } from "./reconcile.ts";
import {
  type ActiveRun,
  type Completion,
  type EndedRun,
  findStepRun,
  type PipelineState,
  replaceStep,
} from "./state.ts";
import { markDone } from "./step-transitions.ts";
import { sameUntimedPushMs } from "./timing.ts";

/** What the push does if it counts. With `none`, it changes nothing, so there is no need to ask the registry. */
type Effect =
  | { kind: "none"; decision: Decision }
  | {
      kind: "some";
      /** The step's first trigger in the active run, or in a cancelled run whose build may still push its tag; otherwise null. */
      triggered: Triggered | null;
      /** Completes the step once its image is verified; null if the push can only start a new run. */
      verifyAndComplete: ((push: EventOf<"pushLookedUp">, recorded: RecordedPush) => CompleteResult) | null;
      /** Counts the push without looking at the image, whether or not the registry has confirmed it. */
      countWithoutEvidence: (recorded: PipelineState) => Decision;
    };

const none = (decision: Decision): Effect => ({ kind: "none", decision });

export function onImagePushed(
  pipeline: Pipeline,
  state: PipelineState,
  push: EventOf<"imagePushed">,
  now: number,
): Decision {
  const effect = effectOf(pipeline, state, push, now);
  if (effect.kind === "none") return effect.decision;
  if (pipeline.confirm === "webhook") {
    const { triggered } = effect;
    if (triggered !== null && (push.receivedAt ?? now) < triggered.triggeredAt) {
      return ignored(state, `this push of step ${JSON.stringify(push.step)} came before its trigger`);
    }
    return effect.countWithoutEvidence(record(state, push, reported(push), now));
  }
  return requestConfirmation(state, push, now);
}

export function onPushLookedUp(
  pipeline: Pipeline,
  state: PipelineState,
  push: EventOf<"pushLookedUp">,
  now: number,
): Decision {
  const { step, answer } = push;
  const effect = effectOf(pipeline, state, push, now);
  if (effect.kind === "none") {
    return { ...effect.decision, state: dropPending(effect.decision.state, step) };
  }
  if (pipeline.confirm === "webhook")
    return effect.countWithoutEvidence(record(state, push, reported(push), now));
  const known = findCompletion(state.completions, step);
  const pending = state.pendingConfirmations.find((other) => other.step === step);
  const receivedAt = Math.max(push.receivedAt, pending?.receivedAt ?? 0);
  const { triggered } = effect;
  const verdict = judge(
    pipeline,
    answer,
    {
      known,
      stepRun: findStepRun(state.run, step),
      triggered,
      receivedAt,
      isPending: pending !== undefined,
      push,
    },
    now,
  );
  if (verdict !== "counts") return retryConfirmation(pipeline, state, push, verdict, now);
  // The registry's digest, not the webhook's: a recorded digest means that the registry could be read.
  const recordedPush = { step, pushedAt: push.pushedAt, ...proofOf(answer) };
  if (effect.verifyAndComplete === null)
    return effect.countWithoutEvidence(record(state, push, recordedPush, now));
  const result = effect.verifyAndComplete(push, recordedPush);
  if (result.kind === "decided") return result.decision;
  return retryConfirmation(pipeline, state, { ...push, answer: result.answer }, "unknown", now);
}

/** A push of a candidate is not recorded, because the image's own tag has not been pushed yet. */
function record(
  state: PipelineState,
  { step, candidateOf }: ReportedPush,
  push: RecordedPush,
  now: number,
): PipelineState {
  return candidateOf === undefined ? recordCompletion(state, push, now) : dropPending(state, step);
}

/** The digest that the webhook reports for a candidate; null for other pushes, or if it reports none. */
function pushedAs({ candidateOf, digest }: ReportedPush): PushedImage | null {
  return candidateOf === undefined || digest === null ? null : { digest, platforms: [], standsOn: [] };
}

/** What is recorded of a push that only a webhook reported. */
function reported({ step, pushedAt, digest }: ReportedPush) {
  return { step, pushedAt, hubAt: null, digest };
}

function effectOf(pipeline: Pipeline, state: PipelineState, push: ReportedPush, now: number): Effect {
  const step = findStep(pipeline, push.step);
  if (step === undefined) return none(ignored(state, `there is no step ${JSON.stringify(push.step)}`));
  const { candidateOf, image } = push;
  if (image !== undefined && image !== imageNameOf(step)) {
    const which =
      state.run === null
        ? `pipeline ${pipeline.name} has had no run yet;`
        : `in run ${state.run.id} of pipeline ${pipeline.name},`;
    return none(
      ignored(
        state,
        `${which} the image of step ${JSON.stringify(push.step)} is ${imageNameOf(step)}, not ${image}`,
      ),
    );
  }
  if (candidateOf !== undefined && (state.run?.status !== "running" || state.run.id !== candidateOf)) {
    return none(ignored(state, `run ${candidateOf}, whose candidate this is, is not active`));
  }
  return state.run?.status === "running"
    ? effectWithinRun(pipeline, state, reconcile(pipeline, state.run), step, push, now)
    : effectOutsideOfRun(pipeline, state, step, push, now);
}

function effectWithinRun(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  step: Step,
  push: ReportedPush,
  now: number,
): Effect {
  const name = JSON.stringify(push.step);
  const stepRun = findStepRun(run, push.step);
  if (run.promotion !== null && push.candidateOf === undefined) {
    return none(
      ignored(
        state,
        `run ${run.id} waits for the candidate of step ${name}, and this push is of the image's own tag`,
      ),
    );
  }
  if (stepRun === undefined) return none(ignored(state, `run ${run.id} has no step ${name}`));
  const notTriggered = `step ${name} of run ${run.id} has not been triggered yet`;
  switch (stepRun.state) {
    case "done":
      return none(duplicate(state, `step ${name} of run ${run.id} is already done`));
    case "fresh":
      return none(ignored(state, `step ${name} of run ${run.id} is fresh and was not built`));
    case "skipped":
      return none(
        run.pushedStep === stepRun.name
          ? duplicate(state, `this push started run ${run.id}`)
          : ignored(state, `step ${name} is not part of run ${run.id}`),
      );
    case "waiting":
      return none(ignored(state, notTriggered));
    case "due":
    case "triggering":
    case "building":
    case "failed":
      if (stepRun.triggeredAt === null) return none(ignored(state, notTriggered));
      if (step.endedBy === "builder") {
        return none(
          ignored(state, `step ${name} is done when its builder reports it, not when its tag is pushed`),
        );
      }
      // If the tag of a failed step is pushed after all, the step is done and its run continues.
      return {
        kind: "some",
        triggered: { triggeredAt: stepRun.triggeredAt, digestBefore: stepRun.digestBefore },
        verifyAndComplete: (event, recorded) =>
          completeStep(pipeline, state, { run, stepRun, step, push: recorded }, event, now),
        countWithoutEvidence: (recorded) =>
          advanced(
            pipeline,
            recorded,
            replaceStep(run, markDone(stepRun, pushedAs(push), "webhook", now)),
            now,
          ),
      };
  }
}

function effectOutsideOfRun(
  pipeline: Pipeline,
  state: PipelineState,
  step: Step,
  push: ReportedPush,
  now: number,
): Effect {
  const name = JSON.stringify(push.step);
  const known = findCompletion(state.completions, push.step);
  if (known !== undefined && isSamePush(known, push, now)) {
    return none(duplicate(state, `this push of step ${name} was already seen`));
  }
  const cancelled = state.run?.status === "cancelled" ? state.run : null;
  const underWay = cancelled === null ? null : findCancelledBuild(cancelled, step, now);
  if (cancelled !== null && underWay !== null) {
    const reason = `run ${cancelled.id} was cancelled while step ${name} was being built`;
    const note = (recorded: PipelineState, pushed: PushedImage | null) =>
      ignored({ ...recorded, run: replaceWithDone(cancelled, push.step, pushed, now) }, reason);
    return {
      kind: "some",
      triggered: underWay,
      verifyAndComplete: (event, recorded) => {
        const completed = { run: cancelled, step, push: recorded };
        return afterVerification(pipeline, state, completed, event, now, (after, { kind, pushed }) =>
          // A refused image leaves the step skipped, so a retry of the run builds it again.
          kind === "accepted" ? note(after, pushed) : ignored(after, reason),
        );
      },
      countWithoutEvidence: (recorded) => note(recorded, null),
    };
  }
  if (pipeline.onPush === "ignore") return none(ignored(state, "no run is active, and onPush is ignore"));
  const from = successors(pipeline.steps, push.step);
  if (scopeOf(pipeline, { from }).size === 0) {
    return none(ignored(state, `no run is active, and nothing is built after step ${name}`));
  }
  const core = { id: push.newRunId, cause: "push", from, pushedStep: push.step, onlyStale: false } as const;
  const start = { ...core, ...sameParameters(state.run) };
  const countWithoutEvidence = (recorded: PipelineState) => {
    const digest = findCompletion(recorded.completions, push.step)?.digest ?? null;
    const because = digest === null ? null : `${push.step} is ${shortDigest(digest)} now`;
    return beginRun(pipeline, recorded, { ...start, because }, now);
  };
  return { kind: "some", triggered: null, verifyAndComplete: null, countWithoutEvidence };
}

/** A registry may send several webhooks for one push. Its digest or its time, if known, tells two pushes apart. */
function isSamePush(known: Completion, { pushedAt, digest }: ReportedPush, now: number): boolean {
  if (digest !== null && known.digest !== null) return digest === known.digest;
  if (pushedAt !== null && known.pushedAt !== null) return pushedAt === known.pushedAt;
  return now - known.at < sameUntimedPushMs;
}

/** The trigger of the step, if a build that started before the run was cancelled may still push its tag. */
function findCancelledBuild(run: EndedRun, step: Step, now: number): Triggered | null {
  const stepRun = findStepRun(run, step.name);
  if (run.promotion !== null) return null;
  // Builds whose builder reports their end, such as commands, were stopped with the run.
  if (step.endedBy !== "push" || stepRun?.state !== "skipped" || stepRun.triggeredAt === null) return null;
  const { triggeredAt, digestBefore } = stepRun;
  return now < run.endedAt + step.timeoutMs ? { triggeredAt, digestBefore } : null;
}

function replaceWithDone(run: EndedRun, name: string, pushed: PushedImage | null, now: number): EndedRun {
  const steps = run.steps.map((stepRun) =>
    stepRun.name === name ? markDone(stepRun, pushed, "webhook", now) : stepRun,
  );
  return { ...run, steps };
}
