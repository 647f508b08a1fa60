// The queue of a channel: one notice at a time, and no faster than the service accepts them.
import { setTimeout as sleep } from "node:timers/promises";
import { type Delivery, deliveryFailed, noticeTimeoutMs } from "../kinds/channel.ts";

export type TurnLimits = {
  /** The time from one notice to the next. */
  gapMs: number;
  /** Whether the process goes on sending after `patienceMs`; a function that is frozen between calls does not. */
  keepsRunning: boolean;
  /** How long a caller waits, who may be answering a webhook. */
  patienceMs?: number;
};

export type TakeTurn = (id: string, send: () => Promise<Delivery>) => Promise<Delivery>;

/** Ids whose delivery nobody has asked for again. The outbox asks within an hour. */
const maxKept = 1_000;

const later = deliveryFailed("other notices are ahead of it in the channel's queue");

/** So long that a request without an answer is reported as what it is. */
const defaultPatienceMs = noticeTimeoutMs + 1_000;

/** A notice that is sent again while it waits in the queue is not sent twice. */
export function createTurns({ gapMs, keepsRunning, patienceMs = defaultPatienceMs }: TurnLimits): TakeTurn {
  const queued = new Map<string, Promise<Delivery>>();
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let freeAt = 0;

  const enqueue = (send: () => Promise<Delivery>) => {
    waiting += 1;
    const delivery = last.then(async () => {
      // Not the clock of the program, which a machine may set back.
      const waitMs = freeAt - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      freeAt = performance.now() + gapMs;
      return send().finally(() => {
        waiting -= 1;
      });
    });
    last = delivery.catch(() => undefined);
    return delivery;
  };

  return async (id, send) => {
    if (!queued.has(id) && !keepsRunning && waiting * gapMs >= patienceMs) return later;
    const delivery = queued.get(id) ?? enqueue(send);
    queued.set(id, delivery);
    const found = await orLater(delivery, patienceMs);
    if (found !== later) queued.delete(id);
    else delivery.then((end) => end.kind === "delivered" || queued.delete(id)).catch(() => queued.delete(id));
    for (const oldest of [...queued.keys()].slice(0, Math.max(0, queued.size - maxKept)))
      queued.delete(oldest);
    return found;
  };
}

async function orLater(delivery: Promise<Delivery>, patienceMs: number): Promise<Delivery> {
  const stop = new AbortController();
  const patience = sleep(patienceMs, later, { signal: stop.signal }).catch(() => later);
  return Promise.race([delivery, patience]).finally(() => stop.abort());
}
