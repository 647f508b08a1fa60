import { describe, expect, test } from "vitest";
import type { Schedule } from "../../../shared/pipeline/pipeline.ts";
import { instantOf, lastStart, nextStart } from "../../../shared/pipeline/schedule.ts";
import { hour, minute } from "../run/story.ts";

const cron = (expression: string, timezone = "UTC"): Schedule => ({ kind: "cron", expression, timezone });
const at = (iso: string) => Date.parse(iso);

describe("the next start", () => {
  test.each([
    [cron("0 0 * * *", "Europe/Paris"), "2026-11-20T12:00:00Z", "2026-11-20T23:00:00Z"],
    [cron("0 0 * * *", "Europe/Paris"), "2026-06-20T12:00:00Z", "2026-06-20T22:00:00Z"],
    // In Paris, clocks go forward on 29 March 2026 at 2:00, and back on 25 October at 3:00.
    [cron("30 3 * * *", "Europe/Paris"), "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"],
    [cron("30 4 * * *", "Europe/Paris"), "2026-10-24T12:00:00Z", "2026-10-25T03:30:00Z"],
    [cron("0 9 * * 1"), "2026-11-20T12:00:00Z", "2026-11-23T09:00:00Z"],
    // If both days are restricted, either one matches.
    [cron("0 0 13 * 5"), "2026-11-20T12:00:00Z", "2026-11-27T00:00:00Z"],
    [{ kind: "every", everyMs: 6 * hour }, "2026-11-20T12:00:00Z", "2026-11-20T18:00:00Z"],
    [{ kind: "every", everyMs: 6 * hour }, "2026-11-20T11:59:59Z", "2026-11-20T12:00:00Z"],
  ] as const)("of %j after %s is %s", (schedule, after, next) => {
    expect(new Date(nextStart(schedule, at(after)) ?? 0).toISOString()).toBe(new Date(next).toISOString());
  });

  test("of a single start is null once it is past", () => {
    const schedule: Schedule = {
      kind: "at",
      local: "",
      timezone: "UTC",
      startAt: at("2026-12-24T03:00:00Z"),
    };
    expect(nextStart(schedule, schedule.startAt - 1)).toBe(schedule.startAt);
    expect(nextStart(schedule, schedule.startAt)).toBeNull();
  });
});

describe("the last start", () => {
  const after = at("2026-11-20T12:00:00Z");

  test("is null if none was due", () => {
    expect(lastStart(cron("0 0 * * *"), after, after + 11 * hour)).toBeNull();
    expect(lastStart({ kind: "every", everyMs: 24 * hour }, after, after + hour)).toBeNull();
  });

  test("is the last of several missed starts", () => {
    expect(lastStart(cron("0 * * * *"), after, after + 5 * hour + minute)).toBe(after + 5 * hour);
    expect(lastStart({ kind: "every", everyMs: hour }, after, after + 5 * hour + minute)).toBe(
      after + 5 * hour,
    );
  });

  test("is found after a year of missed starts, each minute or each month", () => {
    const year = 365 * 24 * hour;
    expect(lastStart(cron("* * * * *"), after, after + year + 30_000)).toBe(after + year);
    expect(lastStart(cron("0 0 1 * *"), after, after + year)).toBe(at("2027-11-01T00:00:00Z"));
  });
});

test("a local time becomes an instant in its time zone", () => {
  expect(instantOf("2026-12-24T03:00:00", "Europe/Paris")).toBe(at("2026-12-24T02:00:00Z"));
  expect(instantOf("2026-07-24T03:00", "America/New_York")).toBe(at("2026-07-24T07:00:00Z"));
});
