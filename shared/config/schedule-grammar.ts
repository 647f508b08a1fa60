// The grammar of durations and of `schedule:`.
import * as z from "zod";
import { durationPattern } from "../pipeline/duration.ts";
import { expected } from "../validation/expectation.ts";
import { oneOf, text } from "../validation/forms.ts";

export const duration = text("a duration such as 90s, 5m or 4h", durationPattern);
export const positiveDuration = text(
  "a duration longer than 0s, such as 90s, 5m or 4h",
  durationPattern,
).refine((value) => !durationPattern.test(value) || /[1-9]/.test(value), {
  error: ({ input }) => expected("a duration longer than 0s", input),
});

const timezone = text("a time zone such as Europe/Paris or UTC", /^[A-Za-z0-9_+/-]+$/)
  .optional()
  .describe("The time zone of the schedule, such as Europe/Paris. Default: UTC.");

export const scheduleGrammar = oneOf(
  'a schedule: { cron: "0 0 * * *" }, { every: 6h } or { at: 2026-12-24T03:00:00 }',
  [
    z.strictObject({
      cron: text('five fields in quotes, such as "0 0 * * *"', /\S/).describe(
        'Five fields in quotes: minute, hour, day of the month, month and day of the week. "0 3 * * *" is every day at 3:00.',
      ),
      timezone,
    }),
    z.strictObject({
      every: positiveDuration.describe(
        "The interval between starts, counted from midnight UTC on 1970-01-01: 6h starts at 0:00, 6:00, 12:00 and 18:00 UTC.",
      ),
    }),
    z.strictObject({
      at: text("a local time such as 2026-12-24T03:00:00", /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/).describe(
        "The local time of the only start, such as 2026-12-24T03:00:00.",
      ),
      timezone,
    }),
  ],
);
