// The time that all functions agree on: each one's own clock, put right by the store's where it is off.
import { clockDifferenceMs } from "../outgoing/clock-difference.ts";

export type StoreClock = {
  now: () => number;
  /** Takes note of the date of an answer to what was sent at an instant of the own clock. */
  hear: (sentAt: number, date: string | undefined) => void;
  own: () => number;
};

export function createStoreClock(own: () => number): StoreClock {
  let differenceMs = 0;
  return {
    own,
    now: () => own() + differenceMs,
    hear: (sentAt, date) => {
      differenceMs = clockDifferenceMs(sentAt, own(), date);
    },
  };
}
