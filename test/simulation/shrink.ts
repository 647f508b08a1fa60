// Finds the fewest faults of a world that violate something all the same: the shortest history that can be found.
import { runWorld } from "./world.ts";

const worldsAtMost = 400;

/** The faults that can be held back, by their order. */
export async function shrink(seed: number): Promise<ReadonlySet<number>> {
  const { faults } = await runWorld({ seed });
  let held = new Set<number>();
  let worlds = 0;
  const violatesWithout = async (more: readonly number[]) => {
    worlds += 1;
    const candidate = new Set([...held, ...more]);
    const { violation } = await runWorld({ seed, isHeldBack: (ordinal) => candidate.has(ordinal) });
    if (violation === null) return false;
    held = candidate;
    return true;
  };
  for (let size = Math.ceil(faults / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let first = 1; first <= faults && worlds < worldsAtMost; first += size) {
      const chunk = Array.from({ length: size }, (_, index) => first + index);
      if (!chunk.every((ordinal) => held.has(ordinal))) await violatesWithout(chunk);
    }
  }
  return held;
}
