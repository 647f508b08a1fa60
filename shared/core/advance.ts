// Moves a run on: what has become ready is due, what is due is claimed, and a run with nothing left to do ends.
import type { Action } from "./event.ts";
import type { Pipeline, Step } from "./pipeline.ts";
import { type ActiveRun, type EndedRun, isUnderWay, type Run, type StepRun } from "./run.ts";
import { awaitSlot, claim, makeDue, skip } from "./step-transitions.ts";

export type Advanced = { run: Run; actions: Action[] };

export function advance(pipeline: Pipeline, run: ActiveRun, now: number): Advanced {
  const actions: Action[] = [];
  let free = pipeline.maxParallel - run.steps.filter(isUnderWay).length;
  const steps = run.steps.map((step) => {
    const settings = pipeline.steps.find(({ name }) => name === step.name);
    if (settings === undefined) return step;
    const begins = step.state === "waiting" && free > 0 && isReady(settings, run);
    if (begins) free -= 1;
    const due = begins ? becomeDue(step, settings, run, now) : step;
    // What was triggered before is triggered again only by way of a look-up.
    if (due.state !== "due" || due.triggeredAt !== null || due.wakeAt > now) return due;
    const { account } = settings;
    if (account !== null && !(due.slot?.isHeld && due.slot.account === account.name)) {
      const awaiting = awaitSlot(due, account.name, now);
      const { since } = awaiting.slot;
      actions.push({ kind: "takeSlot", runId: run.id, step: step.name, account, since });
      return awaiting;
    }
    const claimed = claim(due, settings, Math.max(now, lastDoneAt(run)));
    actions.push({
      kind: "triggerStep",
      runId: run.id,
      step: step.name,
      attempt: claimed.attempts,
    });
    return claimed;
  });
  return { run: endIfOver({ ...run, steps }, now), actions };
}

/** No clock, fast or slow, makes a trigger look older than the build that it comes after. */
function lastDoneAt(run: ActiveRun): number {
  return Math.max(0, ...run.steps.map((step) => (step.state === "done" ? step.doneAt : 0)));
}

/** While a run is active, `skipped` means not part of it: what comes after such a step does not wait for it. */
function isReady(settings: Step, run: ActiveRun): boolean {
  return settings.after.every((name) => {
    const before = run.steps.find((step) => step.name === name);
    return before === undefined || before.state === "done" || before.state === "skipped";
  });
}

function becomeDue(step: StepRun, settings: Step, run: ActiveRun, now: number): StepRun {
  const followsBuild =
    run.cause === "push" ||
    run.steps.some(({ name, state }) => settings.after.includes(name) && state === "done");
  return makeDue(step, followsBuild ? now + settings.delayMs : now);
}

function endIfOver(run: ActiveRun, now: number): Run {
  if (run.steps.some(isUnderWay)) return run;
  // All that it was about is gone from the configuration.
  if (run.steps.every(({ state }) => state === "skipped")) return end(run, "cancelled", now);
  const succeeded = run.steps.every(({ state }) => state === "done" || state === "skipped");
  return succeeded ? { ...run, status: "succeeded", endedAt: now } : end(run, "failed", now);
}

/** Steps that were not reached, or are left to themselves, are skipped. */
export function end(run: ActiveRun, status: "failed" | "cancelled", now: number): EndedRun {
  const steps = run.steps.map((step) =>
    step.state === "done" || step.state === "failed" ? step : skip(step),
  );
  return { ...run, status, endedAt: now, steps };
}
