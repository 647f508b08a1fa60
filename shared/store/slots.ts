// The builds that an account does at once, across pipelines: who has a slot, and who waits for one.
import type { Account } from "../core/pipeline.ts";

/** A step of a run, and since when it wants a slot: whoever has one or waits for one. */
export type Holder = { pipeline: string; runId: string; step: string; since: number };
export type Slot = Holder & { takenAt: number };
export type Taken = { kind: "taken" } | { kind: "full"; slots: Slot[] };

export type Slots = {
  /** Whoever has a slot already is given the same. Whoever is refused one is remembered, in the order of `since`. */
  take(account: Account, holder: Holder): Promise<Taken>;
  /** Also for one that has none and only waits. */
  free(account: string, holder: Holder): Promise<Freed>;
  /** Frees one that nobody seems to have, unless it was given again since it was seen. */
  freeUnclaimed(account: string, slot: Slot): Promise<void>;
};
/** How many slots are held after that, and who waits, the longest waiting first. */
export type Freed = { held: number; waiting: Holder[] };
