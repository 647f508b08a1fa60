// Where the indexes have a pipeline: under an instant by which the sweep has to look at it.
import { type PipelineState, wakeAtOf, wakeAtsOf } from "../run/state.ts";

/**
 * Null if the pipeline is not in the index. Two indexes, because to move an entry costs two write units, and to add or remove
 * one costs one: what happens soon comes and goes with each step, while what is only watched, such as a running build, has
 * an entry that may stay from the first step of a run to the last.
 */
export type IndexEntries = {
  /** For what happens soon. */
  dueAt: number | null;
  /** For what is watched. */
  watchedAt: number | null;
};

export const notIndexed: IndexEntries = { dueAt: null, watchedAt: null };

/** A claim is saved with an entry that is early by a sweep's minute and the claim itself, and its outcome follows at once. */
const maxEarlyMs = 2 * 60_000;

/** An entry may be early: a sweep that looks too early finds nothing to do. It is never late. */
export function indexEntriesOf(state: PipelineState, before: IndexEntries, now: number): IndexEntries {
  const { soon, watched } = wakeAtsOf(state);
  if (soon === null && watched === null) return notIndexed;
  const { dueAt, watchedAt } = before;
  const isDueUsable = dueAt !== null && soon !== null && dueAt <= soon && soon - dueAt <= maxEarlyMs;
  // A sweep would come to it again and again once it has passed.
  const isWatchUsable = watchedAt !== null && watchedAt > now && watchedAt <= (watched ?? Infinity);
  return { dueAt: isDueUsable ? dueAt : soon, watchedAt: isWatchUsable ? watchedAt : watched };
}

/** Whether a sweep has come to an entry too early, and would come again and again if it stayed. */
export function needsNewEntry(state: PipelineState, { watchedAt }: IndexEntries, now: number): boolean {
  if (watchedAt === null || watchedAt > now) return false;
  return (wakeAtOf(state) ?? Infinity) > now + maxEarlyMs;
}
