// Decides at random which faults happen in a simulated world. Each can be suppressed.
import type { Random } from "../random.ts";
import type { Trace } from "./trace.ts";

export type Faults = {
  /** True if this fault happens now. */
  happens: (name: string) => boolean;
  /** No fault happens from now on. */
  stop: () => void;
  /** How many happened or were suppressed. */
  count: () => number;
};

/** Each world has half of the faults, each with its own likelihood. */
export function createFaults(
  random: Random,
  likelihoods: ReadonlyMap<string, number>,
  isSuppressed: (ordinal: number) => boolean,
  trace: Trace,
): Faults {
  const known = new Map(
    [...likelihoods].flatMap(([name, likelihood]): [string, number][] => {
      // A fault that is added later leaves the worlds without it as they are.
      const own = random.split(name);
      return own.chance(0.5) ? [] : [[name, likelihood * own.pick([0.3, 1, 3])]];
    }),
  );
  let isStopped = false;
  let ordinal = 0;
  return {
    happens: (name) => {
      const likelihood = known.get(name) ?? 0;
      if (isStopped || likelihood === 0 || random.next() >= likelihood) return false;
      ordinal += 1;
      if (isSuppressed(ordinal)) return false;
      const number = ordinal;
      trace(() => `fault ${number}: ${name}`);
      return true;
    },
    stop: () => {
      isStopped = true;
    },
    count: () => ordinal,
  };
}
