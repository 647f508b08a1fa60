// Writes that arrive while the disk is busy with others go to it together, so that flushing them costs little.
import type { Done, Write } from "dynalite/db/index.js";

export type Commit = (writes: readonly Write[], done: Done) => void;

/**
 * A flush takes about as long for a hundred writes as for one. `write` gets the writes of all that wait, in order, and
 * is never called twice at once.
 */
export function commitTogether(write: (writes: readonly Write[]) => Promise<void>): Commit {
  let waiting: { writes: readonly Write[]; done: Done }[] = [];
  let isWriting = false;
  const writeAll = async () => {
    isWriting = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const error = await write(group.flatMap(({ writes }) => writes)).then(
        () => null,
        (reason: unknown) => reason,
      );
      for (const { done } of group) setImmediate(done, error);
    }
    isWriting = false;
  };
  return (writes, done) => {
    waiting.push({ writes, done });
    if (!isWriting) void writeAll();
  };
}
