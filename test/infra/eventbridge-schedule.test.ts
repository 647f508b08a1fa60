// Compares two independent readings of a schedule: EventBridge's expression by AWS's documented rules, written out
// here, and the cron expression by another program, cron-parser. Both must name the same instants.
import { CronExpressionParser } from "cron-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { everyExpression, toEventbridge } from "../../infra/eventbridge-schedule.ts";
import { nextStart } from "../../shared/pipeline/schedule.ts";

const cron = (expression: string, timezone = "UTC") => toEventbridge({ kind: "cron", expression, timezone });

describe("a schedule as an expression of EventBridge", () => {
  test.each([
    ["0 0 * * *", "cron(0 0 * * ? *)"],
    ["17 3 * * *", "cron(17 3 * * ? *)"],
    ["*/20 */12 * * *", "cron(0,20,40 0,12 * * ? *)"],
    ["0 9 * * 1-5", "cron(0 9 ? * MON,TUE,WED,THU,FRI *)"],
    ["0 9 * * 7", "cron(0 9 ? * SUN *)"],
    ["0 0 1,15 JAN *", "cron(0 0 1,15 1 ? *)"],
    ["0 0 1-31 * 1", "cron(0 0 * * ? *)"],
    ["* * * * *", "cron(* * * * ? *)"],
  ])("%s becomes %s", (text, expression) => {
    expect(cron(text, "Europe/Paris")).toEqual({
      kind: "expression",
      expression,
      timezone: "Europe/Paris",
      counts: null,
    });
  });

  test("the longest expressions are within the 256 characters that EventBridge accepts", () => {
    expect(cron("1-59 1-22 1-28 * *")).toMatchObject({ expression: "cron(1-59 1-22 1-28 * ? *)" });
    const pairs = (below: number) =>
      Array.from({ length: below }, (_, value) => value).filter((value) => value % 3 !== 2);
    const longest = `${pairs(60)} ${pairs(24)} ${pairs(31).slice(1)} 1,2,4,5,7,8,10,11 *`;
    expect(cron(longest).kind).toBe("expression");
  });

  test.each([
    ["0 0 13 * 5", "EventBridge cannot start on either of them, so use two pipelines"],
    ["0 0 */2 * 1", "EventBridge cannot combine them"],
  ])("%s is refused, because it restricts both kinds of days", (text, reason) => {
    expect(cron(text)).toEqual({
      kind: "problem",
      problem: `expected a day of the month or a day of the week, found both in ${JSON.stringify(text)}; ${reason}`,
    });
  });

  test.each([
    [1, "cron(* * * * ? *)"],
    [20, "cron(0,20,40 * * * ? *)"],
    [60, "cron(0 * * * ? *)"],
    [360, "cron(0 0,6,12,18 * * ? *)"],
    [1_440, "cron(0 0 * * ? *)"],
  ])(
    "an interval of %i minutes starts when it does on one machine, not at its creation",
    (minutes, expression) => {
      const everyMs = minutes * 60_000;
      expect(toEventbridge({ kind: "every", everyMs })).toEqual({
        kind: "expression",
        expression,
        timezone: "UTC",
        counts: null,
      });
      const day: Period = [Date.UTC(2026, 5, 1), Date.UTC(2026, 5, 2)];
      const starts: number[] = [];
      let next = nextStart({ kind: "every", everyMs }, day[0] - 1);
      while (next !== null && next < day[1]) {
        starts.push(next);
        next = nextStart({ kind: "every", everyMs }, next);
      }
      const [minute, hour] = expression.replace("cron(", "").split(" ");
      expect(instantsOfCron(`${minute} ${hour} * * *`, "UTC", day)).toEqual(starts);
    },
  );

  test.each([
    [90, "cron(0,30 * * * ? *)"],
    [7 * 60, "cron(0 * * * ? *)"],
    [36 * 60, "cron(0 0,12 * * ? *)"],
    [5 * 24 * 60, "cron(0 0 * * ? *)"],
    [7, "cron(* * * * ? *)"],
  ])(
    "an interval of %i minutes, which has no expression, has more instants, and tells which of them count",
    (minutes, expression) => {
      const everyMs = minutes * 60_000;
      expect(toEventbridge({ kind: "every", everyMs })).toEqual({
        kind: "expression",
        expression,
        timezone: "UTC",
        counts: { everyMs, phaseMs: 0 },
      });
    },
  );

  test("whatever the interval and its phase, exactly the instants that one machine counts remain", () => {
    const period: Period = [Date.UTC(2026, 5, 1), Date.UTC(2026, 5, 4)];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.nat(), (minutes, anyPhase) => {
        const everyMs = minutes * 60_000;
        const phaseMs = (anyPhase % minutes) * 60_000;
        const translated = everyExpression(everyMs, phaseMs);
        if (translated.kind === "problem") throw new Error(translated.problem);
        const [minute, hour] = translated.expression.replace("cron(", "").split(" ");
        const isCounted = (at: number) => translated.counts === null || (at - phaseMs) % everyMs === 0;
        const expected: number[] = [];
        const first = Math.ceil((period[0] - phaseMs) / everyMs) * everyMs + phaseMs;
        for (let at = first; at < period[1]; at += everyMs) expected.push(at);
        expect(instantsOfCron(`${minute} ${hour} * * *`, "UTC", period).filter(isCounted)).toEqual(expected);
        expect(translated.expression.length).toBeLessThanOrEqual(256);
      }),
      { numRuns: 60 },
    );
  });

  test("an interval with seconds is refused, and an instant keeps its time zone", () => {
    expect(toEventbridge({ kind: "every", everyMs: 90_000 })).toMatchObject({ kind: "problem" });
    const at = { kind: "at", local: "2026-12-24T03:00", timezone: "Europe/Paris", startAt: 0 } as const;
    expect(toEventbridge(at)).toEqual({
      kind: "expression",
      expression: "at(2026-12-24T03:00:00)",
      timezone: "Europe/Paris",
      counts: null,
    });
  });
});

const quarterMs = 15 * 60_000;
const hourMs = 4 * quarterMs;
const dayMs = 24 * hourMs;
const year = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)] as const;
const zones = [
  "UTC",
  "Europe/Paris",
  "America/New_York",
  "Asia/Kolkata",
  "Pacific/Auckland",
  "America/St_Johns",
] as const;
type Zone = (typeof zones)[number];

type Calendar = {
  /** Each quarter of an hour, and the local time as if it were UTC. Clocks change at no other instants. */
  times: { at: number; local: Date }[];
  changes: number[];
};
const calendars = new Map<Zone, Calendar>();

function calendarOf(zone: Zone): Calendar {
  const calendar = calendars.get(zone) ?? createCalendar(zone);
  calendars.set(zone, calendar);
  return calendar;
}

function createCalendar(zone: Zone): Calendar {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  const offsetAt = (at: number): number => {
    const [, sign = "", hours = 0, minutes = 0] = /GMT(?:([+-])(\d+):(\d+))?$/.exec(format.format(at)) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * 60_000);
  };
  const times: Calendar["times"] = [];
  const changes: number[] = [];
  for (let day = year[0]; day < year[1]; day += dayMs) {
    let offset = offsetAt(day);
    const isConstant = offset === offsetAt(day + dayMs);
    for (let at = day; at < day + dayMs; at += quarterMs) {
      const before = offset;
      if (!isConstant) offset = offsetAt(at);
      if (offset !== before) changes.push(at);
      times.push({ at, local: new Date(at + offset) });
    }
  }
  return { times, changes };
}

const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** EventBridge skips a local time that does not exist, and starts once at one that comes twice. */
function instantsOfEventbridge(expression: string, zone: Zone): number[] {
  const allowed = expression
    .replace(/^cron\(|\)$/g, "")
    .split(" ")
    .map((field) => (field === "*" || field === "?" ? null : new Set(field.split(",").flatMap(expand))));
  const allows = (field: number, value: number | string | undefined) =>
    allowed[field]?.has(String(value)) ?? true;
  const seen = new Set<number>();
  const instants: number[] = [];
  for (const { at, local } of calendarOf(zone).times) {
    const isAllowed =
      allows(0, local.getUTCMinutes()) &&
      allows(1, local.getUTCHours()) &&
      allows(2, local.getUTCDate()) &&
      allows(3, local.getUTCMonth() + 1) &&
      allows(4, weekdays[local.getUTCDay()]);
    if (!isAllowed || seen.has(local.getTime())) continue;
    seen.add(local.getTime());
    instants.push(at);
  }
  return instants;
}

/** `1-3` is 1, 2 and 3. */
function expand(values: string): string[] {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(values) ?? [];
  if (from === undefined) return [values];
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => String(Number(from) + index));
}

type Period = readonly [from: number, to: number];

function instantsOfCron(expression: string, zone: Zone, [from, to]: Period): number[] {
  const instants: number[] = [];
  const parsed = CronExpressionParser.parse(expression, { tz: zone, currentDate: new Date(from - 1_000) });
  for (let at = parsed.next().getTime(); at < to; at = parsed.next().getTime()) instants.push(at);
  return instants;
}

/** Within three hours of a change of the clocks, EventBridge and cron differ by design. */
function isNearChange(at: number, zone: Zone): boolean {
  return calendarOf(zone).changes.some((change) => Math.abs(at - change) <= 3 * hourMs);
}

describe("in 2026, in time zones with and without daylight saving time,", () => {
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
  // Quarters of an hour, like the calendar.
  const minutes = fc.constantFrom("0", "15", "30", "45", "0,30", "*/15", "0-45/15");
  const days = fc.oneof(
    field(1, 31).map((day) => [day, "*"] as const),
    field(0, 6).map((weekday) => ["*", weekday] as const),
  );
  const expressions = fc
    .tuple(minutes, field(0, 23), days, field(1, 12))
    .map(([minute, hour, [day, weekday], month]) => [minute, hour, day, month, weekday].join(" "));

  // cron-parser takes seconds for a year, so each expression is compared in three periods that are drawn: the end of a
  // month, a week, and the days around a change of the clocks.
  const monthEnds = fc
    .integer({ min: 1, max: 11 })
    .map((month): Period => [Date.UTC(2026, month, -1), Date.UTC(2026, month, 3)]);
  const weeks = fc
    .integer({ min: 0, max: 51 })
    .map((week): Period => [year[0] + week * 7 * dayMs, year[0] + (week + 1) * 7 * dayMs]);
  const changes = fc.constantFrom(...zones).chain((zone) => {
    const around = calendarOf(zone).changes.map((at): Period => [at - 2 * dayMs, at + 2 * dayMs]);
    return fc.record({ zone: fc.constant(zone), change: fc.constantFrom(null, ...around) });
  });

  test("clocks change twice, or never", () => {
    expect(zones.map((zone) => calendarOf(zone).changes.length)).toEqual([0, 2, 2, 0, 2, 2]);
  });

  test("EventBridge starts when cron does, except for the hours in which clocks change", () => {
    fc.assert(
      fc.property(expressions, changes, monthEnds, weeks, (text, { zone, change }, monthEnd, week) => {
        const translated = cron(text, zone);
        // Days that never come, such as 30 February.
        if (translated.kind === "problem") return;
        const instants = instantsOfEventbridge(translated.expression, zone);
        for (const period of change === null ? [monthEnd, week] : [monthEnd, week, change]) {
          const [from, to] = period;
          const isCompared = (at: number) => at >= from && at < to && !isNearChange(at, zone);
          const expected = instantsOfCron(text, zone, period).filter(isCompared);
          expect(instants.filter(isCompared)).toEqual(expected);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("EventBridge skips a local time that does not exist, and starts once at one that comes twice", () => {
    const at = (iso: string) => Date.parse(iso);
    const within = (instants: number[], from: string, to: string) =>
      instants
        .filter((instant) => instant >= at(from) && instant < at(to))
        .map((instant) => new Date(instant).toISOString());
    // In Paris, 02:30 does not exist on 29 March 2026 and comes twice on 25 October.
    const daily = instantsOfEventbridge("cron(30 2 * * ? *)", "Europe/Paris");
    expect(within(daily, "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z")).toEqual([]);
    expect(within(daily, "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z")).toEqual([
      "2026-10-25T00:30:00.000Z",
    ]);
  });
});
