// All chance in a simulated world: numbers that follow from its seed, and faults that can be held back one by one.
import type { Tell } from "./history.ts";

export type Random = {
  /** In [0, 1). */
  next: () => number;
  between: (least: number, most: number) => number;
  integer: (least: number, most: number) => number;
  pick: <T>(...choices: readonly [T, ...T[]]) => T;
  /** Another sequence that follows from this one's seed. */
  split: (name: string) => Random;
};

export function createRandom(seed: number): Random {
  let state = mix(seed);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + next() * (most - least);
  const integer = (least: number, most: number) => Math.floor(between(least, most + 1));
  return {
    next,
    between,
    integer,
    pick: (...choices) => choices[integer(0, choices.length - 1)] ?? choices[0],
    split: (name) => createRandom([...name].reduce((hash, c) => mix(hash ^ (c.codePointAt(0) ?? 0)), seed)),
  };
}

function mix(seed: number): number {
  let hash = seed | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The number of one of the worlds that a seed stands for. */
export function worldSeed(seed: number, index: number): number {
  return mix(mix(seed) + Math.imul(index, 0x9e3779b1)) >>> 0;
}

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
      random.next() < 0.5 ? [] : [[name, likelihood * random.pick(0.3, 1, 3)]],
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
