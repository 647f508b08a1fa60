// Spares the embedded engine the questions of a sweep that would find nothing: eight of them each second, of which each
// leaves something behind for the garbage collector.
import { wakeAtOf } from "../../shared/core/run.ts";
import type { Store } from "../../shared/store/store.ts";

/** How far a sweep looks ahead; nothing is believed for longer than that. */
const aheadMs = 60_000;

/** Only for an engine that nobody else writes to: what is saved by others would be found up to a minute late. */
export function spareSweeps(store: Store): Store {
  /** Until when nothing becomes due. */
  let quietUntil = Number.NEGATIVE_INFINITY;
  return {
    ...store,
    save: async (pipeline, before, state, replaced) => {
      try {
        return await store.save(pipeline, before, state, replaced);
      } finally {
        // Afterwards: a sweep that asked meanwhile may not have seen it. And whatever became of the save, which may be
        // there though it seems to have failed.
        quietUntil = Math.min(quietUntil, wakeAtOf(state) ?? quietUntil);
      }
    },
    listDue: async (now) => {
      // A clock that has been put back would have it quiet for longer.
      if (now < quietUntil && quietUntil <= now + aheadMs) return [];
      // Said before it is known, for what is saved meanwhile.
      quietUntil = now + aheadMs;
      const soon = await store.listDue(quietUntil).catch((error: unknown) => {
        quietUntil = Number.NEGATIVE_INFINITY;
        throw error;
      });
      // What is due already stays so until it is seen to, which is not known to end well.
      quietUntil = Math.min(quietUntil, soon[0]?.wakeAt ?? quietUntil);
      return soon.filter(({ wakeAt }) => wakeAt <= now);
    },
  };
}
