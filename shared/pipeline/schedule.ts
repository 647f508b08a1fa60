// Computes the starts of a schedule in its time zone.
import { Cron } from "croner";
import type { Schedule } from "./pipeline.ts";

/** The first start after `afterMs`; null if there is none. */
export function nextStart(schedule: Schedule, afterMs: number): number | null {
  switch (schedule.kind) {
    case "cron": {
      const cron = new Cron(schedule.expression, {
        timezone: schedule.timezone,
        mode: "5-part",
        paused: true,
      });
      return cron.nextRun(new Date(afterMs))?.getTime() ?? null;
    }
    case "every":
      // Counted from 1970, so that a restart does not delay the next start.
      return (Math.floor(afterMs / schedule.everyMs) + 1) * schedule.everyMs;
    case "at":
      return schedule.startAt > afterMs ? schedule.startAt : null;
  }
}

/** The last start in (`afterMs`, `untilMs`]: several missed starts count as one. */
export function lastStart(schedule: Schedule, afterMs: number, untilMs: number): number | null {
  const first = nextStart(schedule, afterMs);
  if (first === null || first > untilMs) return null;
  switch (schedule.kind) {
    case "cron":
      return lastOfCron(schedule, first, untilMs);
    case "every":
      return Math.floor(untilMs / schedule.everyMs) * schedule.everyMs;
    case "at":
      return first;
  }
}

function lastOfCron(schedule: Schedule, firstMs: number, untilMs: number): number {
  // Searches a growing window back from `untilMs`, so that a year of missed minutes costs little.
  for (let windowMs = 3_600_000; ; windowMs *= 8) {
    const fromMs = Math.max(firstMs, untilMs - windowMs);
    let last: number | null = null;
    let next = nextStart(schedule, fromMs - 1);
    while (next !== null && next <= untilMs) {
      last = next;
      next = nextStart(schedule, next);
    }
    if (last !== null) return last;
  }
}

/** The instant of a local time such as `2026-12-24T03:00:00` in a time zone. */
export function instantOf(local: string, timezone: string): number | null {
  return new Cron(local, { timezone, paused: true, allowPast: true }).nextRun(new Date(0))?.getTime() ?? null;
}
