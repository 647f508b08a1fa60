// Suppresses as many faults of a world as possible while it still violates something, for a short history.
import type { RunWorld } from "./world.ts";

const maxWorlds = 400;

/** The numbers of the faults that are not needed for the violation. */
export async function shrink(runWorld: RunWorld, seed: number): Promise<ReadonlySet<number>> {
  const { faults } = await runWorld({ seed });
  let suppressed = new Set<number>();
  let worlds = 0;
  const tryWithout = async (more: readonly number[]) => {
    worlds += 1;
    const candidate = new Set([...suppressed, ...more]);
    const { violation } = await runWorld({ seed, isSuppressed: (ordinal) => candidate.has(ordinal) });
    if (violation !== null) suppressed = candidate;
  };
  // Starts with all of them: some bugs need no fault.
  for (let size = faults; size >= 1; size = Math.floor(size / 2)) {
    for (let first = 1; first <= faults && worlds < maxWorlds; first += size) {
      const chunk = Array.from({ length: size }, (_, index) => first + index);
      if (!chunk.every((ordinal) => suppressed.has(ordinal))) await tryWithout(chunk);
    }
  }
  return suppressed;
}
