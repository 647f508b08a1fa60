// Simulated time: what is to happen happens in its order, and everything that follows from it before what comes next.

export type Timeline = {
  now: () => number;
  after: (ms: number, happen: () => void) => void;
  /** Lets everything happen up to an instant, or until nothing is left. */
  run: (untilMs: number) => Promise<void>;
};

type Happening = { at: number; order: number; happen: () => void };

export function createTimeline(startAt: number): Timeline {
  // Sorted, what is next stands last.
  const pending: Happening[] = [];
  let now = startAt;
  let order = 0;

  const after = (ms: number, happen: () => void) => {
    const at = now + Math.max(0, ms);
    order += 1;
    let low = 0;
    let high = pending.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pending[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    pending.splice(low, 0, { at, order, happen });
  };

  return {
    now: () => now,
    after,
    run: async (untilMs) => {
      for (let next = pending.at(-1); next !== undefined && next.at <= untilMs; next = pending.at(-1)) {
        pending.pop();
        now = next.at;
        next.happen();
        await settle();
      }
      now = Math.max(now, untilMs);
    },
  };
}

/** The program's promises that can go on have gone on when the event loop turns. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
