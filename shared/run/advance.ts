// Advances a run: what is ready becomes due, what is due is claimed, and a run with nothing left to do ends.
import { findStep, hasImage, type ImageStep, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { basesNow, type Completions, pinnedBasesOf } from "./bases.ts";
import type { Action } from "./event.ts";
import { imageVariantIn } from "./image-variant.ts";
import { hasPassedThese } from "./passed-gates.ts";
import { startPromotion } from "./promote.ts";
import { isMovingTags } from "./promotion.ts";
import {
  type ActiveRun,
  type EndedRun,
  findStepRun,
  isSettled,
  isUnderWay,
  type PipelineState,
  type Run,
  replaceStep,
  type StepRun,
} from "./state.ts";
import {
  claim,
  isBeforeFirstTrigger,
  makeDue,
  markChecking,
  markFresh,
  markSkipped,
  requestSlot,
} from "./step-transitions.ts";

export type Advanced = { run: Run; actions: Action[] };

export function advance(
  pipeline: Pipeline,
  given: ActiveRun,
  known: Pick<PipelineState, "completions" | "passedGates">,
  now: number,
): Advanced {
  const { completions } = known;
  // What is built stays as it is until its tags are moved.
  if (isMovingTags(given.promotion)) return { run: given, actions: [] };
  const run = passIdleGates(pipeline, given, known, now);
  const actions: Action[] = [];
  let free = pipeline.maxParallel - run.steps.filter(isUnderWay).length;
  const steps = run.steps.map((stepRun) => {
    const step = findStep(pipeline, stepRun.name);
    if (step === undefined) return stepRun;
    const isStarting = stepRun.state === "waiting" && free > 0 && isReady(step, run);
    if (isStarting) free -= 1;
    if (isStarting && hasImage(step) && isBuiltOnlyIfStale(pipeline, run, step, stepRun)) {
      actions.push(lookAtStep(pipeline, run, completions, step, stepRun.attempts));
      return markChecking(stepRun, now);
    }
    const due = isStarting ? becomeDue(stepRun, step, run, now) : stepRun;
    // A step that was triggered before is triggered again only after its tag was looked up.
    if (!isBeforeFirstTrigger(due) || due.wakeAt > now) return due;
    const { account } = step;
    if (account !== null && !(due.slot?.isHeld && due.slot.account === account.name)) {
      const requested = requestSlot(due, account.name, now);
      const { since } = requested.slot;
      actions.push({ kind: "acquireSlot", runId: run.id, step: stepRun.name, account, since });
      return requested;
    }
    const claimed = claim(due, step, notBefore(run, now));
    actions.push(triggerOf(pipeline, run, completions, claimed));
    return claimed;
  });
  const promoted = promoteIfDone({ ...run, steps }, now);
  return { run: promoted.run, actions: [...actions, ...promoted.actions] };
}

/** The run ends once its tags are moved to what it built. */
function promoteIfDone(run: ActiveRun, now: number): Advanced {
  const over = endIfOver(run, now);
  const { promotion } = run;
  const isOpen = promotion?.phase === "building" || promotion?.phase === "preparing";
  if (!isOpen) return { run: over, actions: [] };
  const hasBuilt = run.steps.some(({ state, image }) => state === "done" && image !== null);
  if (over.status !== "succeeded" || !hasBuilt) {
    // One that was `preparing` goes back: a changed configuration may have added steps.
    return { run: { ...over, promotion: { phase: "building" } }, actions: [] };
  }
  return promotion.phase === "building" ? startPromotion(run, now) : { run, actions: [] };
}

/** With `rebuild: stale`, a gate has nothing to decide on if what comes before it is what it last let pass. */
function passIdleGates(
  pipeline: Pipeline,
  run: ActiveRun,
  known: Pick<PipelineState, "completions" | "passedGates">,
  now: number,
): ActiveRun {
  return pipeline.steps.reduce((passed, step) => {
    if (hasImage(step)) return passed;
    const stepRun = findStepRun(passed, step.name);
    if (stepRun?.state !== "waiting" || !isReady(step, passed)) return passed;
    if (!isBuiltOnlyIfStale(pipeline, passed, step, stepRun)) return passed;
    if (!hasPassedThese(pipeline, passed, known, step)) return passed;
    const reason = "what comes before it is what it last let pass";
    return replaceStep(passed, markFresh(stepRun, null, reason, notBefore(passed, now)));
  }, run);
}

export function triggerOf(pipeline: Pipeline, run: Run, completions: Completions, stepRun: StepRun): Action {
  const { name, attempts, repeats } = stepRun;
  const step = findStep(pipeline, name);
  const bases = step === undefined ? [] : pinnedBasesOf(pipeline, run, completions, step);
  const repeated = repeats === undefined ? {} : { repeats };
  return {
    kind: "triggerStep",
    runId: run.id,
    step: name,
    attempt: attempts,
    ...repeated,
    bases,
    ...imageVariantIn(run),
  };
}

/** Keeps a step from looking older than the build it comes after, whatever the clocks say. */
export function notBefore(run: ActiveRun, now: number): number {
  return Math.max(now, ...run.steps.map((stepRun) => (stepRun.state === "done" ? stepRun.doneAt : 0)));
}

/** In an active run, `skipped` means "not part of it", so that nothing waits for such a step. */
function isReady(step: Step, run: ActiveRun): boolean {
  return step.after.every((name) => {
    const before = findStepRun(run, name);
    return before === undefined || isSettled(before) || before.state === "skipped";
  });
}

/** With `rebuild: stale`, unless somebody asked for this step or it has no base to compare with. */
function isBuiltOnlyIfStale(pipeline: Pipeline, run: Run, step: Step, stepRun: StepRun): boolean {
  // A retry builds without another look.
  if (stepRun.retriesUsed > 0) return false;
  if (run.onlyStale) return true;
  const isAskedFor = run.from?.includes(step.name) === true && run.cause !== "push";
  const hasBase = step.after.length + step.upstreams.length > 0;
  return pipeline.rebuild === "stale" && hasBase && !isAskedFor;
}

export function lookAtStep(
  pipeline: Pipeline,
  run: Run,
  completions: Completions,
  step: ImageStep,
  attempt: number,
): Action {
  const bases = basesNow(pipeline, run, completions, step);
  return { kind: "lookAtStep", runId: run.id, step: step.name, attempt, image: step.image, bases };
}

export function becomeDue(stepRun: StepRun, step: Step, run: ActiveRun, now: number) {
  const followsBuild =
    run.cause === "push" ||
    run.steps.some(({ name, state }) => step.after.includes(name) && state === "done");
  return makeDue(stepRun, followsBuild ? now + step.delayMs : now);
}

function endIfOver(run: ActiveRun, now: number): Run {
  if (run.steps.some(isUnderWay)) return run;
  // The configuration no longer has any of its steps.
  if (run.steps.every(({ state }) => state === "skipped")) return endRun(run, "cancelled", now);
  const succeeded = run.steps.every((stepRun) => isSettled(stepRun) || stepRun.state === "skipped");
  return succeeded ? { ...run, status: "succeeded", endedAt: now } : endRun(run, "failed", now);
}

/** Steps that were not reached, or whose builds are left alone, are skipped. */
export function endRun(run: ActiveRun, status: "failed" | "cancelled", now: number): EndedRun {
  const steps = run.steps.map((stepRun) =>
    isSettled(stepRun) || stepRun.state === "failed" ? stepRun : markSkipped(stepRun),
  );
  return { ...run, status, endedAt: now, steps };
}
