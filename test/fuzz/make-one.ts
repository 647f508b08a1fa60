// What one of several makes; only that one is called.
import type { Random } from "../random.ts";

export function makeOne<T>(random: Random, makers: readonly [() => T, ...(() => T)[]]): T {
  return random.pick(makers)();
}
