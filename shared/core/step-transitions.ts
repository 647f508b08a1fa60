// How one step of a run passes from state to state.
import { backoffMs } from "./backoff.ts";
import type { TagAnswer, TriggerFailure } from "./event.ts";
import type { Step } from "./pipeline.ts";
import type { StepRun, StepUnderWay } from "./run.ts";
import { claimMs, graceMs, lookUpClaimMs, lookUpEveryMs, lookUpsAtMost } from "./timing.ts";

type Core = Pick<StepRun, "name" | "image" | "attempts" | "retried" | "triggeredAt" | "ticket" | "slot">;

function core({ name, image, attempts, retried, triggeredAt, ticket, slot }: StepRun): Core {
  return { name, image, attempts, retried, triggeredAt, ticket, slot };
}

export function newStepRun(name: string, image: string, state: "waiting" | "skipped"): StepRun {
  return { name, image, attempts: 0, retried: 0, triggeredAt: null, ticket: null, slot: "none", state };
}

/** Attempts are counted on: an answer to an earlier one must not be taken for one to a later one. */
export function startOver(step: StepRun): StepRun {
  return { ...core(step), retried: 0, triggeredAt: null, ticket: null, slot: "none", state: "waiting" };
}

export function makeDue(step: StepRun, dueAt: number): StepRun {
  return {
    ...core(step),
    state: "due",
    dueAt,
    wakeAt: dueAt,
    giveUpAt: null,
    lookUps: 0,
    reason: null,
  };
}

/** Saved before the call: whoever finds it so after `wakeAt` knows that the outcome was lost. */
export function claim(step: StepRun, { timeoutMs }: Step, now: number): StepRun {
  const giveUpAt = "giveUpAt" in step ? step.giveUpAt : null;
  return {
    ...core(step),
    state: "triggering",
    attempts: step.attempts + 1,
    triggeredAt: step.triggeredAt ?? now,
    ticket: null,
    wakeAt: now + claimMs,
    giveUpAt: giveUpAt ?? now + timeoutMs,
    lookUps: 0,
  };
}

export function build(step: StepRun, { timeoutMs }: Step, ticket: StepRun["ticket"], now: number): StepRun {
  const giveUpAt = now + timeoutMs;
  return {
    ...core(step),
    ticket,
    state: "building",
    wakeAt: Math.min(now + lookUpEveryMs, giveUpAt),
    giveUpAt,
    lookUps: 0,
  };
}

export function finish(step: StepRun, now: number): StepRun {
  return { ...core(step), slot: "none", state: "done", doneAt: now };
}

export function skip(step: StepRun): StepRun {
  return { ...core(step), slot: "none", state: "skipped" };
}

export function fail(step: StepRun, reason: string, now: number): StepRun {
  return { ...core(step), slot: "none", state: "failed", failedAt: now, reason };
}

/** Due again, no later than the step's time is up, when it is looked at for the last time. */
function postpone(step: StepUnderWay, waitMs: number, reason: string, now: number): StepRun {
  const dueAt = Math.min(now + waitMs, Math.max(now, step.giveUpAt ?? Number.POSITIVE_INFINITY));
  return {
    ...core(step),
    state: "due",
    dueAt,
    wakeAt: dueAt,
    giveUpAt: step.giveUpAt,
    lookUps: 0,
    reason,
  };
}

export function triggerFailed(
  step: StepUnderWay,
  failure: TriggerFailure,
  random: number,
  now: number,
): StepRun {
  switch (failure.kind) {
    case "refused":
      return postpone(step, backoffMs(step.attempts, random, failure.retryAfterMs), failure.reason, now);
    case "rejected":
      return fail(step, failure.reason, now);
    case "unknown":
      return postpone(step, graceMs, failure.reason, now);
  }
}

/** A claim whose process died: left alone for a while, then looked up, and only then triggered again. */
export function loseOutcome(step: StepUnderWay, now: number): StepRun {
  return postpone(step, graceMs, "the outcome of the trigger is not known", now);
}

/** Put off while its tag is looked up, so that another sweep does not look too. */
export function lookUp(step: StepUnderWay, now: number): StepRun {
  const final = step.giveUpAt !== null && step.giveUpAt <= now;
  if (step.state !== "building" || final) return { ...step, wakeAt: now + lookUpClaimMs };
  return {
    ...step,
    wakeAt: Math.min(now + lookUpEveryMs, step.giveUpAt ?? Number.POSITIVE_INFINITY),
  };
}

/** The step after no push of its tag was found; null where that changes nothing. */
export function lookedUpInVain(
  step: StepUnderWay,
  settings: Step,
  { answer, random }: { answer: TagAnswer; random: number },
  isBeingConfirmed: boolean,
  now: number,
): StepRun | null {
  // A trigger is being sent by someone who looked before.
  if (step.state === "triggering") return null;
  const timeIsUp = step.giveUpAt !== null && step.giveUpAt <= now;
  if (step.state === "building" && !timeIsUp) return null;
  const saysNothing = answer.kind === "unknown" || answer.kind === "unreadable";
  // A webhook has told of its push: what Docker Hub says of that is waited for.
  const isOpen = answer.kind === "unknown" && step.lookUps + 1 < lookUpsAtMost;
  if (isOpen || (saysNothing && isBeingConfirmed)) {
    const lookUps = step.lookUps + 1;
    const retryAfterMs = answer.kind === "unknown" ? answer.retryAfterMs : null;
    return { ...step, lookUps, wakeAt: now + backoffMs(lookUps, random, retryAfterMs) };
  }
  if (!timeIsUp) return claim(step, settings, now);
  return timeOut(
    step,
    settings,
    saysNothing ? `; Docker Hub could not be asked (${answer.reason})` : "",
    now,
  );
}

function timeOut(step: StepUnderWay, settings: Step, unasked: string, now: number): StepRun {
  if (step.retried < settings.retries) {
    return claim({ ...step, retried: step.retried + 1, giveUpAt: null }, settings, now);
  }
  const refusal = step.state === "due" && step.reason !== null ? `; last, ${step.reason}` : "";
  const times = step.attempts === 1 ? "once" : `${step.attempts} times`;
  return fail(step, `not pushed in time, triggered ${times}${refusal}${unasked}`, now);
}
