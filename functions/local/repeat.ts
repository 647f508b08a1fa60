// Does something again and again, one time after the other, until it is stopped.
import { setTimeout as sleep } from "node:timers/promises";

export type Repeating = { stop: () => Promise<void> };

/** `work` reports its own failures. Stopping waits for what is under way, which is told. */
export function repeat(everyMs: number, work: (stopping: AbortSignal) => Promise<void>): Repeating {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await work(stopping.signal);
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
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
