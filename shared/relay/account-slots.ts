// Gets a step its slot among the builds that an account does at once, and sees to it that none is lost for good.
import type { Action, Event } from "../core/event.ts";
import type { Pipeline } from "../core/pipeline.ts";
import { isUnderWay } from "../core/run.ts";
import { slotLostMs } from "../core/timing.ts";
import type { LogEntry } from "../log/log.ts";
import type { Holder, Slot } from "../store/slots.ts";
import type { Relay } from "./relay.ts";
import { unlessUnreachable } from "./unless-unreachable.ts";

type ActionOf<K extends Action["kind"]> = Extract<Action, { kind: K }>;

/** Null where the store cannot be reached: it is asked again in a while. */
export async function takeSlot(
  relay: Relay,
  pipeline: Pipeline,
  { runId, step, account, since }: ActionOf<"takeSlot">,
): Promise<Event | null> {
  const holder = { pipeline: pipeline.name, runId, step, since };
  const wanted = { runId, step, account: account.name, since };
  const askedAt = relay.clock();
  return unlessUnreachable(relay, slotFailed(pipeline.name, runId, step), async (): Promise<Event> => {
    let taken = await relay.slots.take(account, holder);
    if (taken.kind === "full" && (await freeLost(relay, account.name, taken.slots))) {
      taken = await relay.slots.take(account, holder);
    }
    if (taken.kind === "taken") return { kind: "slotTaken", ...wanted, askedAt };
    const builds = account.maxParallel === 1 ? "the one build" : `one of the ${account.maxParallel} builds`;
    const reason = `waits for ${builds} that ${account.name} does at once`;
    return { kind: "slotRefused", ...wanted, reason, random: relay.random() };
  });
}

/** What the log is told where the store could not be reached. */
export function slotFailed(pipeline: string, run: string, step: string): LogEntry {
  return { event: "slot.failed", pipeline, run, step };
}

export type Offer = Holder & { account: string };

/** Those whose turn it may be now. */
export async function freeSlots(
  relay: Relay,
  pipeline: Pipeline,
  actions: readonly Action[],
): Promise<Offer[]> {
  const next = await Promise.all(
    actions.map(async (action) => {
      if (action.kind !== "freeSlot") return [];
      const { account, runId, step, since } = action;
      const holder = { pipeline: pipeline.name, runId, step, since };
      // Whoever waits for one that could not be freed finds out that nobody has it.
      const freed = await unlessUnreachable(relay, slotFailed(pipeline.name, runId, step), () =>
        relay.slots.free(account, holder),
      );
      if (freed === null) return [];
      const { held, waiting } = freed;
      const most = pipeline.steps.find(({ name }) => name === step)?.account?.maxParallel ?? held + 1;
      return waiting.slice(0, Math.max(0, most - held)).map((next) => ({ ...next, account }));
    }),
  );
  return next.flat();
}

/** Whether one was freed that nobody has: its process died after it had taken it, or before it could give it back. */
async function freeLost(relay: Relay, account: string, slots: readonly Slot[]): Promise<boolean> {
  const old = slots.filter(({ takenAt }) => takenAt < relay.clock() - slotLostMs);
  const suspect = old[Math.floor(relay.random() * old.length)];
  if (suspect === undefined) return false;
  const { state } = await relay.store.load(suspect.pipeline);
  const step =
    state.run?.status === "running" && state.run.id === suspect.runId
      ? state.run.steps.find(({ name }) => name === suspect.step)
      : undefined;
  const slot = step !== undefined && isUnderWay(step) ? step.slot : null;
  if (slot?.isHeld && slot.account === account && slot.since === suspect.since) return false;
  await relay.slots.freeUnclaimed(account, suspect);
  return true;
}
