// The faults of a simulated world: which of them happen is drawn, and each can be held back.
import type { Random } from "../random.ts";
import type { Tell } from "./history.ts";

export type Faults = {
  /** Whether the fault of this name happens now. */
  happens: (name: string) => boolean;
  /** From now on none does. */
  stop: () => void;
  /** How many have happened. */
  count: () => number;
};

/** Each world knows some of the faults and not the others, and each of those by a likelihood of its own. */
export function createFaults(
  random: Random,
  likelihoods: ReadonlyMap<string, number>,
  isHeldBack: (ordinal: number) => boolean,
  tell: Tell,
): Faults {
  const known = new Map(
    [...likelihoods].flatMap(([name, likelihood]): [string, number][] =>
      random.next() < 0.5 ? [] : [[name, likelihood * random.pick([0.3, 1, 3])]],
    ),
  );
  let isStopped = false;
  let ordinal = 0;
  return {
    happens: (name) => {
      const likelihood = known.get(name) ?? 0;
      if (isStopped || likelihood === 0 || random.next() >= likelihood) return false;
      ordinal += 1;
      if (isHeldBack(ordinal)) return false;
      const told = ordinal;
      tell(() => `fault ${told}: ${name}`);
      return true;
    },
    stop: () => {
      isStopped = true;
    },
    count: () => ordinal,
  };
}
