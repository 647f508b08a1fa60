// Keeps the last states that this process has read or written, so that an item that nobody else has written since need not be
// parsed again. The item itself is read each time.
import type { Loaded } from "../store.ts";
import type { Item } from "./requests.ts";

/** Of packed text. A parsed state takes many times as much memory. */
const maxLetters = 100_000;

export type LastStates = {
  /** The state in the item, if it is the one that was kept. */
  find: (pipeline: string, item: Item) => Loaded | null;
  keep: (pipeline: string, writer: string, letters: number, loaded: Loaded) => void;
};

export function createLastStates(): LastStates {
  /** The one that was used longest ago comes first. */
  const kept = new Map<string, { writer: string; letters: number; loaded: Loaded }>();
  let letters = 0;
  const forget = (pipeline: string) => {
    letters -= kept.get(pipeline)?.letters ?? 0;
    kept.delete(pipeline);
  };
  return {
    find: (pipeline, { writer, version }) => {
      const known = kept.get(pipeline);
      // Each write has a token of its own.
      if (known === undefined || known.writer !== writer?.S) return null;
      if (String(known.loaded.version) !== version?.N) return null;
      kept.delete(pipeline);
      kept.set(pipeline, known);
      return known.loaded;
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
  };
}
