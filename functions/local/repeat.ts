// Does something again and again, one time after the other, until it is stopped.
import { setTimeout as sleep } from "node:timers/promises";

export type Repeating = { stop: () => Promise<void> };

/** `work` reports its own failures. Stopping waits for what is under way, which is told. */
export function repeat(
  everyMs: number,
  work: (stopping: AbortSignal) => Promise<void>,
  firstAfterMs = 0,
): Repeating {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wait = (forMs: number) => sleep(forMs, undefined, { signal }).catch(() => undefined);
  const loop = async () => {
    if (firstAfterMs > 0) await wait(firstAfterMs);
    while (!signal.aborted) {
      await work(signal);
      await wait(everyMs);
    }
  };
  const ended = loop();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}
