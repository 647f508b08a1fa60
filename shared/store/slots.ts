// The port for the slots of accounts: which builds run now, across pipelines, and which wait.
import type { Account } from "../pipeline/pipeline.ts";

/** A step of a run that has or wants a slot, and since when it wants it. */
export type Holder = { pipeline: string; runId: string; step: string; since: number };
export type Slot = Holder & { takenAt: number };
export type Acquired = { kind: "acquired" } | { kind: "full"; slots: Slot[] };
/** How many slots are still held, and which steps wait, the longest waiting first. */
export type Released = { held: number; waiting: Holder[] };

export type Slots = {
  /** A holder that has a slot keeps it. A refused one takes its place in line, by `since`. */
  acquire(account: Account, holder: Holder): Promise<Acquired>;
  /** Releases the slot, or the place in line. */
  release(account: string, holder: Holder): Promise<Released>;
  /** Releases a slot that seems to be lost, unless it was acquired again since it was read. */
  releaseIfUnchanged(account: string, slot: Slot): Promise<void>;
};
