// A clock that all processes agree on: the process's own, corrected by the dates of the store's answers.
import { clockDifferenceMs } from "../outgoing/clock-difference.ts";

export type StoreClock = {
  now: () => number;
  /** Takes the `date` of an answer to a request that was sent at `sentAt`, by the process's own clock. */
  adjust: (sentAt: number, date: string | undefined) => void;
  own: () => number;
};

export function createStoreClock(own: () => number): StoreClock {
  let differenceMs = 0;
  return {
    own,
    now: () => own() + differenceMs,
    adjust: (sentAt, date) => {
      differenceMs = clockDifferenceMs(sentAt, own(), date);
    },
  };
}
