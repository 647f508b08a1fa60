// Pseudo-random numbers from a seed, so that every finding can be reproduced.

export type Random = {
  /** In [0, 1). */
  next: () => number;
  /** A number from `least` to `most`. */
  between: (least: number, most: number) => number;
  /** An integer from `least` to `most`, inclusive. */
  integer: (least: number, most: number) => number;
  chance: (probability: number) => boolean;
  pick: <T>(choices: readonly [T, ...T[]]) => T;
  /** An independent sequence from the same seed. */
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

/** Derives the seed with this index, independent of the others. */
export function seedOf(seed: number, index: number): number {
  return mix(mix(seed) + Math.imul(index, 0x9e3779b1)) >>> 0;
}
