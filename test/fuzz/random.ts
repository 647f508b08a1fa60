// Numbers that look random and are the same for the same seed, so that what a run has found can be found again.

export type Random = {
  /** A whole number from 0 up to, but not with, a limit. */
  below: (limit: number) => number;
  chance: (probability: number) => boolean;
  pick: <T>(choices: readonly [T, ...T[]]) => T;
  /** What one of several makes; only that one is called. */
  make: <T>(makers: readonly [() => T, ...(() => T)[]]) => T;
};

/** The generator called mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick: Random["pick"] = (choices) => choices[below(choices.length)] ?? choices[0];
  return { below, pick, chance: (probability) => next() < probability, make: (makers) => pick(makers)() };
}

/** Each request has numbers of its own, so that it can be made again without those before it. */
export function randomOfRequest(seed: number, index: number): Random {
  return createRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
}
