// Simulated time: events happen in order, and all promises settle before the next event.

export type Timeline = {
  now: () => number;
  after: (ms: number, act: () => void) => void;
  /** Runs all events up to an instant. */
  run: (untilMs: number) => Promise<void>;
};

type TimelineEvent = { at: number; order: number; act: () => void };

export function createTimeline(startAt: number): Timeline {
  // Sorted; the next event is the last.
  const pending: TimelineEvent[] = [];
  let now = startAt;
  let order = 0;

  const after = (ms: number, act: () => void) => {
    const at = now + Math.max(0, ms);
    order += 1;
    let low = 0;
    let high = pending.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pending[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    pending.splice(low, 0, { at, order, act });
  };

  return {
    now: () => now,
    after,
    run: async (untilMs) => {
      // What has just been started may add the next event.
      await settle();
      for (let next = pending.at(-1); next !== undefined && next.at <= untilMs; next = pending.at(-1)) {
        pending.pop();
        now = next.at;
        next.act();
        await settle();
      }
      now = Math.max(now, untilMs);
    },
  };
}

/** By the next turn of the event loop, all promises that can settle have settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
