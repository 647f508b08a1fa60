// EventBridge's expressions are read here by its own documented rules, and cron's by another program's: both have to
// name the same instants.
import { CronExpressionParser } from "cron-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toEventbridge } from "../../infra/eventbridge-schedule.ts";

const cron = (expression: string, timezone = "UTC") => toEventbridge({ kind: "cron", expression, timezone });

describe("a schedule in EventBridge's words", () => {
  test.each([
    ["0 0 * * *", "cron(0 0 * * ? *)"],
    ["17 3 * * *", "cron(17 3 * * ? *)"],
    ["*/20 */12 * * *", "cron(0,20,40 0,12 * * ? *)"],
    ["0 9 * * 1-5", "cron(0 9 ? * MON,TUE,WED,THU,FRI *)"],
    ["0 9 * * 7", "cron(0 9 ? * SUN *)"],
    ["0 0 1,15 JAN *", "cron(0 0 1,15 1 ? *)"],
    ["0 0 1-31 * 1", "cron(0 0 * * ? *)"],
    ["* * * * *", "cron(* * * * ? *)"],
  ])("%s is %s", (expression, said) => {
    expect(cron(expression, "Europe/Paris")).toEqual({
      kind: "expression",
      expression: said,
      timezone: "Europe/Paris",
    });
  });

  test.each(["0 0 13 * 5", "0 0 */2 * 1"])(
    "is refused where it names both kinds of days: %s",
    (expression) => {
      expect(cron(expression)).toMatchObject({
        kind: "problem",
        problem: expect.stringContaining("found both"),
      });
    },
  );

  test("is a rate in whole minutes, or an instant in its time zone", () => {
    expect(toEventbridge({ kind: "every", everyMs: 60_000 })).toMatchObject({ expression: "rate(1 minute)" });
    expect(toEventbridge({ kind: "every", everyMs: 21_600_000 })).toMatchObject({
      expression: "rate(360 minutes)",
    });
    expect(toEventbridge({ kind: "every", everyMs: 90_000 })).toMatchObject({ kind: "problem" });
    const at = { kind: "at", local: "2026-12-24T03:00", timezone: "Europe/Paris", startAt: 0 } as const;
    expect(toEventbridge(at)).toEqual({
      kind: "expression",
      expression: "at(2026-12-24T03:00:00)",
      timezone: "Europe/Paris",
    });
  });
});

const hourMs = 3_600_000;
const year = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)] as const;
const zones = [
  "UTC",
  "Europe/Paris",
  "America/New_York",
  "Asia/Kolkata",
  "Pacific/Auckland",
  "America/St_Johns",
];

type Local = { minute: number; hour: number; day: number; month: number; weekday: string };

/** Local times of every quarter of an hour; offsets change at no other instants. */
function localTimes(zone: string): Map<number, Local> {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    ...{ minute: "numeric", hour: "numeric", day: "numeric", month: "numeric", weekday: "short" },
  });
  const times = new Map<number, Local>();
  for (let at = year[0]; at < year[1]; at += hourMs / 4) {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
    times.set(at, {
      ...{ minute: number("minute"), hour: number("hour"), day: number("day"), month: number("month") },
      weekday: (parts.get("weekday") ?? "").toUpperCase(),
    });
  }
  return times;
}
const calendars = new Map(zones.map((zone) => [zone, localTimes(zone)]));

/** EventBridge: six fields, `?` and `*` for any; a local time that does not exist is skipped, one that comes twice counts once. */
function instantsOfEventbridge(expression: string, zone: string): number[] {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = expression
    .replace(/^cron\(|\)$/g, "")
    .split(" ");
  const allows = (field: string, value: number | string) =>
    field === "*" || field === "?" || field.split(",").includes(String(value));
  const seen = new Set<string>();
  const instants: number[] = [];
  for (const [at, local] of calendars.get(zone) ?? []) {
    const isAllowed =
      allows(minute, local.minute) &&
      allows(hour, local.hour) &&
      allows(day, local.day) &&
      allows(month, local.month) &&
      allows(weekday, local.weekday);
    const key = JSON.stringify(local);
    if (!isAllowed || seen.has(key)) continue;
    seen.add(key);
    instants.push(at);
  }
  return instants;
}

function instantsOfCron(expression: string, zone: string): number[] {
  const instants: number[] = [];
  const parsed = CronExpressionParser.parse(expression, { tz: zone, currentDate: new Date(year[0] - 1_000) });
  for (let at = parsed.next().getTime(); at < year[1]; at = parsed.next().getTime()) instants.push(at);
  return instants;
}

/** Instants within three hours of which the clocks are changed: what happens then differs by design. */
function changesOf(zone: string): number[] {
  const offsetOf = (at: number, { hour, minute }: Local) =>
    (((hour * 60 + minute - at / 60_000) % 1440) + 1440) % 1440;
  const times = [...(calendars.get(zone) ?? [])];
  return times.flatMap(([at, local], index) => {
    const before = times[index - 1];
    return before !== undefined && offsetOf(...before) !== offsetOf(at, local) ? [at] : [];
  });
}
const changes = new Map(zones.map((zone) => [zone, changesOf(zone)]));

function isNearChange(at: number, zone: string): boolean {
  return (changes.get(zone) ?? []).some((change) => Math.abs(at - change) <= 3 * hourMs);
}

describe("over a year, in time zones with and without daylight saving,", () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant("*") },
      { weight: 2, arbitrary: fc.integer({ min, max }).map(String) },
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      fc
        .uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 4 })
        .map((values) => values.join(",")),
      fc.integer({ min: 2, max: Math.max(2, Math.floor(max / 2)) }).map((step) => `*/${step}`),
    );
  // Quarters of an hour, so that a year can be looked at whole.
  const minutes = fc.constantFrom("0", "15", "30", "45", "0,30", "*/15", "0-45/15");
  const days = fc.oneof(
    field(1, 31).map((day) => [day, "*"] as const),
    field(0, 6).map((weekday) => ["*", weekday] as const),
  );

  test("clocks change twice a year, or never", () => {
    expect(zones.map((zone) => changes.get(zone)?.length)).toEqual([0, 2, 2, 0, 2, 2]);
  });

  test("EventBridge starts when cron does, but for the hours in which clocks change", () => {
    fc.assert(
      fc.property(
        minutes,
        field(0, 23),
        days,
        field(1, 12),
        fc.constantFrom(...zones),
        (minute, hour, [day, weekday], month, zone) => {
          const expression = [minute, hour, day, month, weekday].join(" ");
          const said = cron(expression, zone);
          // A day that never comes, such as 30 2.
          if (said.kind === "problem") return;
          const usual = (instants: number[]) => instants.filter((at) => !isNearChange(at, zone));
          expect(usual(instantsOfEventbridge(said.expression, zone))).toEqual(
            usual(instantsOfCron(expression, zone)),
          );
        },
      ),
      { numRuns: 50 },
    );
  }, 120_000);

  test("on the days of the change, EventBridge skips what does not exist and starts once what comes twice", () => {
    const at = (iso: string) => Date.parse(iso);
    const within = (instants: number[], from: string, to: string) =>
      instants
        .filter((instant) => instant >= at(from) && instant < at(to))
        .map((instant) => new Date(instant).toISOString());
    // Paris has no 02:30 on 29 March 2026, and two of them on 25 October.
    const daily = instantsOfEventbridge("cron(30 2 * * ? *)", "Europe/Paris");
    expect(within(daily, "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z")).toEqual([]);
    expect(within(daily, "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z")).toEqual([
      "2026-10-25T00:30:00.000Z",
    ]);
  });
});
