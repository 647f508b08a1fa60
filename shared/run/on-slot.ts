// Handles slot events: a step acquired a slot of its account, was refused one, or is next in line.
import type { Pipeline } from "../pipeline/pipeline.ts";
import { advanced, ignored } from "./decision.ts";
import type { Action, Decision, EventOf } from "./event.ts";
import { reconcile } from "./reconcile.ts";
import { type DueStep, findStepRun, type PipelineState, replaceStep, type StepRun } from "./state.ts";
import { isBeforeFirstTrigger } from "./step-transitions.ts";
import { slotClaimMs, slotRetryMs } from "./timing.ts";

type SlotEvent = EventOf<"slotAcquired" | "slotRefused" | "slotAvailable">;
type WaitingStep = Extract<DueStep, { phase: "delayed" | "waitingForSlot" }>;

export function onSlotEvent(
  pipeline: Pipeline,
  state: PipelineState,
  event: SlotEvent,
  now: number,
): Decision {
  const run = state.run?.status === "running" ? reconcile(pipeline, state.run) : null;
  const stepRun = findStepRun(run, event.step);
  const isCurrent = run?.id === event.runId && isRequested(stepRun?.slot, event);
  if (
    run === null ||
    stepRun === undefined ||
    !isCurrent ||
    !isBeforeFirstTrigger(stepRun) ||
    stepRun.slot?.isHeld
  ) {
    const unchanged = ignored(state, `step ${JSON.stringify(event.step)} does not wait for a slot`);
    return { ...unchanged, actions: isCurrent && stepRun?.slot?.isHeld ? [] : returnSlot(event) };
  }
  const changed = changeStep(stepRun, event, now);
  if (changed === null) return ignored(state, "the answer came too late");
  return advanced(pipeline, state, replaceStep(run, changed), now);
}

function isRequested(slot: StepRun["slot"] | undefined, { account, since }: SlotEvent): boolean {
  return slot?.account === account && slot.since === since;
}

function changeStep(stepRun: WaitingStep, event: SlotEvent, now: number): StepRun | null {
  const waiting = { ...stepRun, phase: "waitingForSlot" } as const;
  switch (event.kind) {
    case "slotAcquired":
      // By now the step has requested it again. This slot may have been given to another step since.
      if (now >= event.requestedAt + slotClaimMs || stepRun.slot === null) return null;
      return { ...waiting, slot: { ...stepRun.slot, isHeld: true }, wakeAt: now };
    case "slotRefused": {
      const wakeAt = now + Math.round((slotRetryMs * (1 + event.random)) / 2);
      return { ...waiting, reason: event.reason, wakeAt };
    }
    case "slotAvailable":
      return { ...waiting, wakeAt: now };
  }
}

/** Gives up a slot, or a place in line, that came too late. */
function returnSlot({ runId, step, account, since }: SlotEvent): Action[] {
  return [{ kind: "releaseSlot", runId, step, account, since }];
}
