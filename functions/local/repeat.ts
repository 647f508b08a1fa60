// Repeats a job until it is stopped; runs of the job never overlap.
import { setTimeout as sleep } from "node:timers/promises";

export type Repeating = { stop: () => Promise<void> };

/** `work` must not throw. `stop` aborts the signal that `work` gets, and waits for it. */
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
