// What it changes that a step was given a slot of its account, was refused one, or is next in the row.
import { leave, proceed, putStep } from "./decision.ts";
import type { Action, Decision, EventOf } from "./event.ts";
import type { Pipeline } from "./pipeline.ts";
import { reconcile } from "./reconcile.ts";
import type { PipelineState, StepRun, StepUnderWay } from "./run.ts";
import { slotAgainMs, slotClaimMs } from "./timing.ts";

type SlotNews = EventOf<"slotTaken" | "slotRefused" | "slotFreed">;

export function takeSlotNews(
  pipeline: Pipeline,
  state: PipelineState,
  event: SlotNews,
  now: number,
): Decision {
  const run = state.run?.status === "running" ? reconcile(pipeline, state.run) : null;
  const step = run?.steps.find(({ name }) => name === event.step);
  const isMeant = run?.id === event.runId && isWanted(step?.slot, event);
  if (run === null || step === undefined || !isMeant || step.state !== "due" || step.slot?.isHeld) {
    const left = leave(state, "ignored", `step ${JSON.stringify(event.step)} does not wait for a slot`);
    return { ...left, actions: isMeant && step?.slot?.isHeld ? [] : giveBack(event) };
  }
  const changed = changeStep(step, event, now);
  if (changed === null) return leave(state, "ignored", "it was asked for too long ago");
  return proceed(pipeline, state, putStep(run, changed), now);
}

function isWanted(slot: StepRun["slot"] | undefined, { account, since }: SlotNews): boolean {
  return slot?.account === account && slot.since === since;
}

function changeStep(
  step: Extract<StepUnderWay, { state: "due" }>,
  event: SlotNews,
  now: number,
): StepRun | null {
  switch (event.kind) {
    case "slotTaken":
      // It is asked for again by now, and given again: nobody is to trust in one that may have been given away since.
      if (now >= event.askedAt + slotClaimMs || step.slot === null) return null;
      return { ...step, slot: { ...step.slot, isHeld: true }, wakeAt: now };
    case "slotRefused":
      return {
        ...step,
        reason: event.reason,
        wakeAt: now + Math.round((slotAgainMs * (1 + event.random)) / 2),
      };
    case "slotFreed":
      return { ...step, wakeAt: now };
  }
}

/** What came too late to be of use: a slot, or a place in the row of those who wait for one. */
function giveBack({ runId, step, account, since }: SlotNews): Action[] {
  return [{ kind: "freeSlot", runId, step, account, since }];
}
