// How one step of a run passes from state to state.
import { backoffMs } from "./backoff.ts";
import type { TagAnswer, TriggerFailure } from "./event.ts";
import type { Step } from "./pipeline.ts";
import { isUnderWay, type StepRun, type StepUnderWay } from "./run.ts";
import { claimMs, graceMs, lookUpClaimMs, lookUpEveryMs, lookUpsAtMost, slotClaimMs } from "./timing.ts";

type Core = Pick<StepRun, "name" | "image" | "attempts" | "retried" | "triggeredAt" | "ticket" | "slot">;

function core({ name, image, attempts, retried, triggeredAt, ticket, slot }: StepRun): Core {
  return { name, image, attempts, retried, triggeredAt, ticket, slot };
}

/** Attempts are counted on, also where the image is another one: an answer to an earlier one is none to a later one. */
export function newStepRun(name: string, image: string, state: "waiting" | "skipped", attempts = 0): StepRun {
  return { name, image, attempts, retried: 0, triggeredAt: null, ticket: null, slot: null, state };
}

export function startOver(step: StepRun): StepRun {
  return { ...core(step), retried: 0, triggeredAt: null, ticket: null, slot: null, state: "waiting" };
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

export function build(
  step: StepRun,
  { timeoutMs, endedBy }: Step,
  ticket: StepRun["ticket"],
  now: number,
): StepRun {
  // Whoever stops the build when its time is up has a word to say about it first.
  const giveUpAt = now + timeoutMs + (endedBy === "builder" ? graceMs : 0);
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
  return { ...core(step), slot: null, state: "done", doneAt: now };
}

export function skip(step: StepRun): StepRun {
  return { ...core(step), slot: null, state: "skipped" };
}

export function fail(step: StepRun, reason: string, now: number): StepRun {
  return { ...core(step), slot: null, state: "failed", failedAt: now, reason };
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

/** A build of which it is known that it has failed: another try, if one is left. */
export function buildFailed(
  step: StepUnderWay,
  { retries }: Step,
  reason: string,
  random: number,
  now: number,
): StepRun {
  if (step.retried >= retries) return fail(step, reason, now);
  const again = { ...step, retried: step.retried + 1, giveUpAt: null };
  return postpone(again, backoffMs(step.attempts, random, null), reason, now);
}

/** A build that ends by the word of its builder is not looked up: its time is up, or it is triggered again. */
export function wakeUnlookedUp(step: StepUnderWay, settings: Step, now: number): StepRun {
  if (step.state === "due") return claim(step, settings, now);
  const giveUpAt = step.giveUpAt ?? now;
  return giveUpAt > now ? { ...step, wakeAt: giveUpAt } : timeOut(step, settings, "", now);
}

/** Whether its last trigger may still turn out to have begun a build: it is of this pass, and not known to have failed. */
export function mayBeBuilt(step: StepRun): step is StepUnderWay {
  return isUnderWay(step) && step.triggeredAt !== null && step.giveUpAt !== null;
}

/** Asks for its slot, and again if no answer comes. */
export function awaitSlot(
  step: Extract<StepUnderWay, { state: "due" }>,
  account: string,
  now: number,
): StepRun & { slot: object } {
  const since = Math.floor(step.dueAt);
  return { ...step, slot: { account, since, isHeld: false }, wakeAt: now + slotClaimMs };
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
  const missed = settings.endedBy === "push" ? "not pushed in time" : "not ended in time";
  return fail(step, `${missed}, triggered ${times}${refusal}${unasked}`, now);
}
