// Keeps the last states that this process has read or written, so that an item that nobody else has written since need not be
// parsed again. If only this process writes to the table, it need not even be read.
import type { Loaded } from "../store.ts";
import type { Item } from "./requests.ts";

/**
 * Of stored text, packed or plain: some seven hundred pipelines of a few steps, or a hundred and fifty. Parsed, plain text takes
 * several times as much memory, and packed text some thirty times.
 */
const maxLetters = 500_000;

export type LastStates = {
  /** The state in the item, if it is the one that was kept. */
  find: (pipeline: string, item: Item) => Loaded | null;
  /**
   * The state without a look at its item: right only if nobody else writes. All are forgotten when `epoch` is another number than
   * before.
   */
  last: (pipeline: string, epoch: number) => Loaded | null;
  keep: (pipeline: string, writer: string, letters: number, loaded: Loaded) => void;
  forget: (pipeline: string) => void;
  /** Grows with each `keep` and `forget` of this pipeline: what was read before may be older than what was kept since. */
  changesOf: (pipeline: string) => number;
};

export function createLastStates(): LastStates {
  /** The one that was used longest ago comes first. */
  const kept = new Map<string, { writer: string; letters: number; loaded: Loaded }>();
  let letters = 0;
  const changes = new Map<string, number>();
  const changesOf = (pipeline: string) => changes.get(pipeline) ?? 0;
  let lastEpoch = 0;
  const forget = (pipeline: string) => {
    changes.set(pipeline, changesOf(pipeline) + 1);
    letters -= kept.get(pipeline)?.letters ?? 0;
    kept.delete(pipeline);
  };
  const use = (pipeline: string) => {
    const known = kept.get(pipeline);
    if (known === undefined) return null;
    kept.delete(pipeline);
    kept.set(pipeline, known);
    return known;
  };
  return {
    find: (pipeline, { writer, version }) => {
      const known = kept.get(pipeline);
      // Each write has a token of its own.
      if (known === undefined || known.writer !== writer?.S) return null;
      if (String(known.loaded.version) !== version?.N) return null;
      return use(pipeline)?.loaded ?? null;
    },
    last: (pipeline, epoch) => {
      if (epoch !== lastEpoch) for (const name of [...kept.keys()]) forget(name);
      lastEpoch = epoch;
      return use(pipeline)?.loaded ?? null;
    },
    keep: (pipeline, writer, size, loaded) => {
      forget(pipeline);
      kept.set(pipeline, { writer, letters: size, loaded });
      letters += size;
      for (const oldest of kept.keys()) {
        if (letters <= maxLetters) break;
        forget(oldest);
      }
    },
    forget,
    changesOf,
  };
}
