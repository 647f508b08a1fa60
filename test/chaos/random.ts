// Random numbers that a seed and a purpose determine: each purpose has a row of its own.

export type Random = {
  /** In [0, 1). */
  next: () => number;
  /** A whole number from `least` to `most`. */
  between: (least: number, most: number) => number;
  chance: (probability: number) => boolean;
};

export function createRandom(seed: number, purpose: string): Random {
  let state = hash(`${seed}/${purpose}`);
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (probability) => next() < probability,
  };
}

/** FNV-1a */
function hash(text: string): number {
  return [...text].reduce(
    (all, character) => Math.imul(all ^ (character.codePointAt(0) ?? 0), 0x01000193),
    0x811c9dc5,
  );
}
