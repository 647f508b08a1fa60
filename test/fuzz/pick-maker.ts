// Picks one of several functions at random and returns its result.
import type { Random } from "../random.ts";

export function pickMaker<T>(random: Random, makers: readonly [() => T, ...(() => T)[]]): T {
  return random.pick(makers)();
}
