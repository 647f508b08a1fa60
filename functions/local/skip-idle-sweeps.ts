// Skips sweeps of the embedded engine that would find nothing. A sweep is ten queries a second, and each leaves
// garbage to collect.
import { wakeAtOf } from "../../shared/run/state.ts";
import type { Store } from "../../shared/store/store.ts";

/** How far a query looks ahead, and for how long its answer counts. */
const lookAheadMs = 60_000;

/** Only for a store that nobody else writes to: it would notice the writes of others up to a minute late. */
export function skipIdleSweeps(store: Store): Store {
  /** Nothing is due before this instant. */
  let idleUntil = Number.NEGATIVE_INFINITY;
  return {
    ...store,
    save: async (pipeline, before, state, replaced) => {
      try {
        return await store.save(pipeline, before, state, replaced);
      } finally {
        // Set after the save, which a concurrent query may have missed; and also if the save seems to have failed,
        // because it may have succeeded.
        idleUntil = Math.min(idleUntil, wakeAtOf(state) ?? idleUntil);
      }
    },
    listDue: async (now) => {
      // If the clock was set back, `idleUntil` may be too far ahead.
      if (now < idleUntil && idleUntil <= now + lookAheadMs) return [];
      // Set before the query, so that a concurrent save can lower it.
      idleUntil = now + lookAheadMs;
      const soon = await store.listDue(idleUntil).catch((error: unknown) => {
        idleUntil = Number.NEGATIVE_INFINITY;
        throw error;
      });
      // A pipeline that is due stays due until its tick succeeds.
      idleUntil = Math.min(idleUntil, soon[0]?.wakeAt ?? idleUntil);
      return soon.filter(({ wakeAt }) => wakeAt <= now);
    },
  };
}
