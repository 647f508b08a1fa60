// Moves a step of a run from one state to the next.
import type { PushedImage } from "../evidence/evidence.ts";
import type { BuildAnswer, TriggerFailure } from "../kinds/builder.ts";
import type { TagAnswer } from "../kinds/registry.ts";
import type { Step } from "../pipeline/pipeline.ts";
import { backoffMs } from "./backoff.ts";
import { type DueStep, isUnderWay, type Reporter, type StepRun, type StepUnderWay } from "./state.ts";
import {
  claimMs,
  graceMs,
  lookUpClaimMs,
  lookUpEveryMs,
  maxLookUps,
  slotClaimMs,
  watchEveryMs,
} from "./timing.ts";

type Core = Pick<
  StepRun,
  | "name"
  | "image"
  | "attempts"
  | "retriesUsed"
  | "triggeredAt"
  | "digestBefore"
  | "replaced"
  | "pushed"
  | "build"
  | "slot"
>;

function core(stepRun: StepRun): Core {
  const { name, image, attempts, retriesUsed, triggeredAt, digestBefore, replaced, pushed, build, slot } =
    stepRun;
  return {
    name,
    image,
    attempts,
    retriesUsed,
    triggeredAt,
    digestBefore,
    ...(replaced === undefined ? {} : { replaced }),
    pushed,
    build,
    slot,
  };
}

/** What a rollback needs. `digestBefore` is about to become what this run itself pushed. */
function keepReplaced({ replaced, digestBefore, triggeredAt, pushed }: StepRun): Pick<StepRun, "replaced"> {
  if (replaced !== undefined) return { replaced };
  // It is looked up again before the next trigger, and is still the same.
  const isUnchanged = digestBefore === null && pushed === null;
  return triggeredAt === null || isUnchanged ? {} : { replaced: digestBefore ?? "unknown" };
}

function repeating(repeats: number | undefined): { repeats?: number } {
  return repeats === undefined ? {} : { repeats };
}

const untriggered = {
  retriesUsed: 0,
  triggeredAt: null,
  digestBefore: null,
  pushed: null,
  build: null,
  slot: null,
};

/** Attempts keep counting when the image changes, so that a late answer to an old attempt matches no new one. */
export function newStepRun(
  name: string,
  image: string | null,
  state: "waiting" | "skipped",
  attempts = 0,
): StepRun {
  return { name, image, attempts, ...untriggered, state };
}

export function resetStep(stepRun: StepRun): StepRun {
  return { ...core(stepRun), ...keepReplaced(stepRun), ...untriggered, state: "waiting" };
}

export function makeDue(stepRun: StepRun, dueAt: number): Extract<DueStep, { phase: "delayed" }> {
  return {
    ...core(stepRun),
    state: "due",
    phase: "delayed",
    dueAt,
    wakeAt: dueAt,
    giveUpAt: null,
    lookUps: 0,
    reason: null,
  };
}

/** Its image is looked at before it is built. */
export function markChecking(stepRun: StepRun, now: number): Extract<DueStep, { phase: "checking" }> {
  return { ...makeDue(stepRun, now), phase: "checking", wakeAt: now + lookUpClaimMs, reason: null };
}

export function markFresh(
  stepRun: StepRun,
  pushed: PushedImage | null,
  reason: string,
  now: number,
): StepRun {
  return { ...core(stepRun), pushed, slot: null, state: "fresh", freshAt: now, reason };
}

/** Saved before the trigger is sent. If the step is still `triggering` at `wakeAt`, the trigger's outcome was lost. */
export function claim(stepRun: StepRun, { timeoutMs }: Step, now: number): StepRun {
  const giveUpAt = "giveUpAt" in stepRun ? stepRun.giveUpAt : null;
  return {
    ...core(stepRun),
    ...repeating(unknownCallOf(stepRun)),
    state: "triggering",
    attempts: stepRun.attempts + 1,
    triggeredAt: stepRun.triggeredAt ?? now,
    build: null,
    wakeAt: now + claimMs,
    giveUpAt: giveUpAt ?? now + timeoutMs,
    lookUps: 0,
  };
}

/** The earliest call of those in a row whose outcomes are not known. */
function unknownCallOf(stepRun: StepRun): number | undefined {
  if (stepRun.state !== "due") return undefined;
  if (stepRun.phase === "awaitingOutcome") return stepRun.repeats ?? stepRun.attempts;
  // A repetition that is refused tells nothing of the call that it repeats. The end of a build does.
  return stepRun.phase === "backingOff" && stepRun.giveUpAt !== null ? stepRun.repeats : undefined;
}

export function markBuilding(
  stepRun: StepRun,
  { timeoutMs, endedBy }: Step,
  build: StepRun["build"],
  now: number,
): StepRun {
  // A builder that stops its builds at the time-out reports that a little later.
  const giveUpAt = now + timeoutMs + (endedBy === "builder" ? graceMs : 0);
  return {
    ...core(stepRun),
    build,
    state: "building",
    wakeAt: Math.min(now + lookUpEveryMs, giveUpAt),
    giveUpAt,
    lookUps: 0,
  };
}

export function markDone(
  stepRun: StepRun,
  pushed: PushedImage | null,
  reportedBy: Reporter,
  now: number,
): StepRun {
  return { ...core(stepRun), pushed, slot: null, state: "done", doneAt: now, reportedBy };
}

export function markSkipped(stepRun: StepRun): StepRun {
  return { ...core(stepRun), slot: null, state: "skipped" };
}

export function markFailed(stepRun: StepRun, reason: string, now: number): StepRun {
  return { ...core(stepRun), slot: null, state: "failed", failedAt: now, reason };
}

type Postponed = Extract<DueStep, { reason: string }>;

/** Makes the step due again after the wait, or when it times out, whichever is earlier. */
function postpone(
  stepRun: StepUnderWay,
  phase: "backingOff" | "awaitingOutcome",
  waitMs: number,
  reason: string,
  now: number,
  giveUpAt: number | null = stepRun.giveUpAt,
): Postponed {
  const dueAt = Math.min(now + waitMs, Math.max(now, giveUpAt ?? Number.POSITIVE_INFINITY));
  const waiting = { dueAt, wakeAt: dueAt, giveUpAt, lookUps: 0, reason };
  return { ...core(stepRun), ...repeating(stepRun.repeats), state: "due", phase, ...waiting };
}

export function afterTriggerFailure(
  stepRun: StepUnderWay,
  failure: TriggerFailure,
  random: number,
  now: number,
): StepRun {
  switch (failure.kind) {
    case "refused": {
      const waitMs = backoffMs(stepRun.attempts, random, failure.retryAfterMs);
      return postpone(stepRun, "backingOff", waitMs, failure.reason, now);
    }
    case "rejected":
      return markFailed(stepRun, failure.reason, now);
    case "unknown":
      return postpone(stepRun, "awaitingOutcome", graceMs, failure.reason, now);
  }
}

/** The process died after the claim: wait for the webhook, then look up the tag, and only then trigger again. */
export function markOutcomeUnknown(stepRun: StepUnderWay, now: number): StepRun {
  return postpone(stepRun, "awaitingOutcome", graceMs, "the outcome of the trigger is not known", now);
}

/** The build has failed: retry it if a retry is left. */
export function retryOrFail(
  stepRun: StepUnderWay,
  { retries }: Step,
  reason: string,
  random: number,
  now: number,
): StepRun {
  if (stepRun.retriesUsed >= retries) return markFailed(stepRun, reason, now);
  const again = { ...stepRun, retriesUsed: stepRun.retriesUsed + 1 };
  return postpone(again, "backingOff", backoffMs(stepRun.attempts, random, null), reason, now, null);
}

/** The image does not stand on its bases: build it again if a retry is left. Only pushes after the next trigger count. */
export function buildAgainOrFail(
  stepRun: StepUnderWay,
  { retries }: Step,
  reason: string,
  pushed: PushedImage,
  random: number,
  now: number,
): StepRun {
  if (stepRun.retriesUsed >= retries) return markFailed({ ...stepRun, pushed }, reason, now);
  const dueAt = now + backoffMs(stepRun.attempts, random, null);
  const kept = keepReplaced(stepRun);
  const again = { ...stepRun, ...kept, ...untriggered, retriesUsed: stepRun.retriesUsed + 1, pushed };
  return { ...makeDue({ ...again, digestBefore: pushed.digest }, dueAt), reason };
}

/** For builders that report the end themselves, so that the tag need not be looked up. */
export function retryOrTimeOut(stepRun: StepUnderWay, step: Step, now: number): StepRun {
  if (stepRun.state === "due") return claim(stepRun, step, now);
  return stepRun.giveUpAt > now
    ? { ...stepRun, wakeAt: Math.min(now + watchEveryMs, stepRun.giveUpAt) }
    : timeOut(stepRun, step, "", now);
}

/** Whether its last trigger may have started a build that is not known to have ended. */
export function mayHaveBuild(stepRun: StepRun): stepRun is StepUnderWay {
  return isUnderWay(stepRun) && stepRun.triggeredAt !== null && stepRun.giveUpAt !== null;
}

/** Whether it waits for its delay or for a slot, and not for another try. */
export function isBeforeFirstTrigger(
  stepRun: StepRun,
): stepRun is Extract<DueStep, { phase: "delayed" | "waitingForSlot" }> {
  return stepRun.state === "due" && (stepRun.phase === "delayed" || stepRun.phase === "waitingForSlot");
}

/** Requests a slot, and requests it again if no answer comes. */
export function requestSlot(
  stepRun: Extract<DueStep, { phase: "delayed" | "waitingForSlot" }>,
  account: string,
  now: number,
): StepRun & { slot: object } {
  const since = Math.floor(stepRun.dueAt);
  const slot = { account, since, isHeld: false };
  return { ...stepRun, phase: "waitingForSlot", slot, wakeAt: now + slotClaimMs };
}

/** Moves `wakeAt` past the look-up, so that another sweep does not start a second one. */
export function deferForLookUp(stepRun: StepUnderWay, now: number): StepRun {
  const isFinal = stepRun.giveUpAt !== null && stepRun.giveUpAt <= now;
  if (stepRun.state !== "building" || isFinal) return { ...stepRun, wakeAt: now + lookUpClaimMs };
  return { ...stepRun, wakeAt: Math.min(now + lookUpEveryMs, stepRun.giveUpAt) };
}

/** The step after a look-up that found no push; null if that changes nothing. */
export function pushNotFound(
  stepRun: StepUnderWay,
  step: Step,
  { answer, random }: { answer: TagAnswer; random: number },
  isConfirmationPending: boolean,
  now: number,
): StepRun | null {
  // Another process looked it up earlier and is sending the trigger.
  if (stepRun.state === "triggering") return null;
  const isTimedOut = stepRun.giveUpAt !== null && stepRun.giveUpAt <= now;
  if (stepRun.state === "building" && !isTimedOut) return null;
  const isNoAnswer = answer.kind === "unknown" || answer.kind === "unreadable";
  const isWorthRepeating = answer.kind === "unknown" && stepRun.lookUps + 1 < maxLookUps;
  // If a webhook reported the push, wait until the registry has confirmed or denied it.
  if (isWorthRepeating || (isNoAnswer && isConfirmationPending)) {
    const lookUps = stepRun.lookUps + 1;
    const retryAfterMs = answer.kind === "unknown" ? answer.retryAfterMs : null;
    return { ...stepRun, lookUps, wakeAt: now + backoffMs(lookUps, random, retryAfterMs) };
  }
  if (!isTimedOut) return claim(stepRun, step, now);
  const lookUpFailure = isNoAnswer ? `; the registry could not be asked (${answer.reason})` : "";
  return timeOut(stepRun, step, lookUpFailure, now);
}

/** The step after the builder's answer to the last question; null if that changes nothing. */
export function notEnded(
  stepRun: StepRun,
  step: Step,
  { answer, random }: { answer: Exclude<BuildAnswer, { kind: "ended" }>; random: number },
  now: number,
): StepRun | null {
  if (stepRun.state !== "building" || stepRun.giveUpAt > now) return null;
  if (answer.kind === "running") return timeOut(stepRun, step, "", now);
  const lookUps = stepRun.lookUps + 1;
  if (lookUps < maxLookUps) return { ...stepRun, lookUps, wakeAt: now + backoffMs(lookUps, random, null) };
  return timeOut(stepRun, step, `; its builder could not be asked (${answer.reason})`, now);
}

function timeOut(stepRun: StepUnderWay, step: Step, lookUpFailure: string, now: number): StepRun {
  if (stepRun.retriesUsed < step.retries) {
    const again = { ...core(stepRun), retriesUsed: stepRun.retriesUsed + 1, state: "waiting" } as const;
    return claim(again, step, now);
  }
  const refusal =
    stepRun.state === "due" && stepRun.reason !== null ? `; last answer: ${stepRun.reason}` : "";
  const times = stepRun.attempts === 1 ? "once" : `${stepRun.attempts} times`;
  const missed = step.endedBy === "push" ? "not pushed in time" : "not ended in time";
  return markFailed(stepRun, `${missed}, triggered ${times}${refusal}${lookUpFailure}`, now);
}
