// Acquires and releases an account's slots, the rights to run one of its `maxParallel` builds, and recovers lost ones.
import type { LogEntry } from "../log.ts";
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import type { Action, ActionOf, Event } from "../run/event.ts";
import { findStepRun, isUnderWay } from "../run/state.ts";
import { slotLostMs } from "../run/timing.ts";
import type { Holder, Slot } from "../store/slots.ts";
import { ifStoreReachable } from "./if-store-reachable.ts";
import type { Relay } from "./relay.ts";

/** Null if the store is unreachable; the step asks again later. */
export async function acquireSlot(
  relay: Relay,
  pipeline: Pipeline,
  { runId, step, account, since }: ActionOf<"acquireSlot">,
): Promise<Event | null> {
  const holder = { pipeline: pipeline.name, runId, step, since };
  const request = { runId, step, account: account.name, since };
  const requestedAt = relay.clock();
  return ifStoreReachable(relay, slotFailedEntry(pipeline.name, runId, step), async (): Promise<Event> => {
    let acquired = await relay.slots.acquire(account, holder);
    if (acquired.kind === "full" && (await releaseLostSlot(relay, account.name, acquired.slots))) {
      acquired = await relay.slots.acquire(account, holder);
    }
    if (acquired.kind === "acquired") return { kind: "slotAcquired", ...request, requestedAt };
    const limit = account.maxParallel === 1 ? "1 build" : `${account.maxParallel} builds`;
    const reason = `waiting: ${account.name} runs at most ${limit} at once`;
    return { kind: "slotRefused", ...request, reason, random: relay.random() };
  });
}

/** The log entry for an unreachable store. */
export function slotFailedEntry(pipeline: string, run: string, step: string): LogEntry {
  return { event: "slot.failed", pipeline, run, step };
}

export type Offer = Holder & { account: string };

/** Returns the steps to which the released slots can be offered. */
export async function releaseSlots(
  relay: Relay,
  pipeline: Pipeline,
  actions: readonly Action[],
): Promise<Offer[]> {
  const offers = await Promise.all(
    actions.map(async (action) => {
      if (action.kind !== "releaseSlot") return [];
      const { account, runId, step, since } = action;
      const holder = { pipeline: pipeline.name, runId, step, since };
      // A slot that is not released now is later found to have no holder.
      const released = await ifStoreReachable(relay, slotFailedEntry(pipeline.name, runId, step), () =>
        relay.slots.release(account, holder),
      );
      if (released === null) return [];
      const { held, waiting } = released;
      const limit = findStep(pipeline, step)?.account?.maxParallel ?? held + 1;
      return waiting.slice(0, Math.max(0, limit - held)).map((next) => ({ ...next, account }));
    }),
  );
  return offers.flat();
}

/** Releases a slot without a holder: a process died after it had acquired it, or before it could release it. */
async function releaseLostSlot(relay: Relay, account: string, slots: readonly Slot[]): Promise<boolean> {
  const old = slots.filter(({ takenAt }) => takenAt < relay.clock() - slotLostMs);
  const suspect = old[Math.floor(relay.random() * old.length)];
  if (suspect === undefined) return false;
  const { run } = (await relay.store.load(suspect.pipeline)).state;
  const stepRun =
    run?.status === "running" && run.id === suspect.runId ? findStepRun(run, suspect.step) : undefined;
  const slot = stepRun !== undefined && isUnderWay(stepRun) ? stepRun.slot : null;
  if (slot?.isHeld && slot.account === account && slot.since === suspect.since) return false;
  await relay.slots.releaseIfUnchanged(account, suspect);
  return true;
}
