// Numbers that look random and follow from a seed, so that what a run has found can be found again.

export type Random = {
  /** In [0, 1). */
  next: () => number;
  /** Any number from `least` to `most`. */
  between: (least: number, most: number) => number;
  /** A whole one, `most` among them. */
  integer: (least: number, most: number) => number;
  chance: (probability: number) => boolean;
  pick: <T>(choices: readonly [T, ...T[]]) => T;
  /** Another row of numbers that follows from the same seed. */
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
    chance: (probability) => next() < probability,
    pick: (choices) => choices[integer(0, choices.length - 1)] ?? choices[0],
    split: (name) => createRandom([...name].reduce((hash, c) => mix(hash ^ (c.codePointAt(0) ?? 0)), seed)),
  };
}

function mix(seed: number): number {
  let hash = seed | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The seed of one of the many things that a seed stands for: it can be made again without those before it. */
export function seedOf(seed: number, index: number): number {
  return mix(mix(seed) + Math.imul(index, 0x9e3779b1)) >>> 0;
}
