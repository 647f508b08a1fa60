// Converts a schedule of APScheduler, which config.py uses, to one of tagrelay.yaml.
import { parseCron } from "../../../shared/pipeline/cron.ts";
import type { ImportedPipeline } from "./imported.ts";
import type { PythonValue } from "./python-values.ts";

export type Translated = { schedule: ImportedPipeline["schedule"]; problems: string[] };

export function translateSchedule(value: PythonValue): Translated {
  if (value.kind !== "map") return notImported("it is not a dict of plain values");
  const values = new Map<string, string>();
  for (const [key, entry] of value.entries) {
    if (entry.kind === "text") values.set(key, entry.text);
    else if (entry.kind === "number") values.set(key, String(entry.number));
    else return notImported(`its ${JSON.stringify(key.slice(0, 40))} is not a plain value`);
  }
  const trigger = values.get("trigger");
  if (trigger === "cron") return translateCron(values);
  if (trigger === "interval") return translateInterval(values);
  if (trigger === "date") return translateDate(values);
  return notImported('its "trigger" is not cron, interval or date');
}

function notImported(reason: string): Translated {
  return {
    schedule: null,
    problems: [`triggerScheduling was not imported: ${reason}; add a schedule by hand`],
  };
}

// From the largest to the smallest, as in APScheduler.
const fields = ["year", "month", "day", "week", "day_of_week", "hour", "minute", "second"];
const minimums = new Map([
  ["month", "1"],
  ["day", "1"],
  ["hour", "0"],
  ["minute", "0"],
]);

/** As in APScheduler, missing fields smaller than the smallest given one are at their minimum, others are `*`. */
function translateCron(values: ReadonlyMap<string, string>): Translated {
  const smallest = fields.findLastIndex((field) => values.has(field));
  const fieldOf = (field: string): string =>
    values.get(field) ?? (fields.indexOf(field) > smallest ? (minimums.get(field) ?? "*") : "*");
  const lost = ["year", "week", "start_date", "end_date"].filter((key) => (values.get(key) ?? "*") !== "*");
  if (lost.length > 0) return notImported(`cron has no field for ${lost.join(", ")}`);
  const weekdays = translateWeekdays(fieldOf("day_of_week"));
  if (weekdays === null) return notImported("its day_of_week is not valid");
  if (weekdays !== "*" && fieldOf("day") !== "*") {
    return notImported(
      "it needs both the day of the month and the day of the week to match, and cron either",
    );
  }
  const cron = [fieldOf("minute"), fieldOf("hour"), fieldOf("day"), fieldOf("month"), weekdays].join(" ");
  if (parseCron(cron).kind === "problem") return notImported("cron has no equivalent of its fields");
  const problems = [
    ...((values.get("second") ?? "0") === "0"
      ? []
      : ["the second of triggerScheduling was not imported: schedules have whole minutes"]),
    ...(values.has("jitter")
      ? ["the jitter of triggerScheduling was not imported: schedules start on time"]
      : []),
  ];
  return { schedule: { cron, ...timezoneOf(values) }, problems: [...problems, ...timezoneProblem(values)] };
}

const weekdayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** APScheduler counts from Monday, cron from Sunday. */
function translateWeekdays(text: string): string | null {
  const days = new Set<number>();
  for (const item of text.toLowerCase().split(",")) {
    const [, star, first, last, step = "1"] =
      /^\s*(?:(\*)|(\w+)(?:-(\w+))?)(?:\/([1-7]))?\s*$/.exec(item) ?? [];
    const from = star === undefined ? weekdayOf(first) : 0;
    const to = star === undefined ? weekdayOf(last ?? first) : 6;
    if (from === null || to === null || from > to) return null;
    for (let day = from; day <= to; day += Number(step)) days.add((day + 1) % 7);
  }
  return days.size === 7 ? "*" : [...days].toSorted().join(",");
}

function weekdayOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const index = /^[0-6]$/.test(text) ? Number(text) : weekdayNames.indexOf(text);
  return index === -1 ? null : index;
}

function translateInterval(values: ReadonlyMap<string, string>): Translated {
  const amount = (key: string) => Number(values.get(key) ?? "0");
  const days = amount("weeks") * 7 + amount("days");
  const parts = [days, amount("hours"), amount("minutes"), amount("seconds")];
  if (parts.some((part) => !Number.isInteger(part) || part < 0) || parts.every((part) => part === 0)) {
    return notImported("its interval is not a whole number of weeks, days, hours, minutes or seconds");
  }
  const every = parts.map((part, index) => (part === 0 ? "" : `${part}${"dhms"[index] ?? ""}`)).join("");
  const lost = ["start_date", "end_date", "jitter"].filter((key) => values.has(key));
  return {
    schedule: { every },
    problems: [
      `every ${every} counts from 1970-01-01 00:00 UTC, not from the start of the program`,
      ...lost.map((key) => `the ${key} of triggerScheduling was not imported`),
    ],
  };
}

function translateDate(values: ReadonlyMap<string, string>): Translated {
  const [, day, time] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)$/.exec(values.get("run_date") ?? "") ?? [];
  if (day === undefined || time === undefined)
    return notImported("its run_date is not text such as 2026-12-24 03:00:00");
  return { schedule: { at: `${day}T${time}`, ...timezoneOf(values) }, problems: timezoneProblem(values) };
}

function timezoneOf(values: ReadonlyMap<string, string>): { timezone?: string } {
  const timezone = values.get("timezone");
  return timezone === undefined || !isTimezone(timezone) ? {} : { timezone };
}

function timezoneProblem(values: ReadonlyMap<string, string>): string[] {
  const timezone = values.get("timezone");
  if (timezone !== undefined && isTimezone(timezone)) return [];
  return ["the time is assumed to be UTC, as on Heroku; if it is not, add a timezone such as Europe/Paris"];
}

export function isTimezone(timezone: string): boolean {
  try {
    return (
      /^[A-Za-z0-9_+/-]+$/.test(timezone) && new Intl.DateTimeFormat("en", { timeZone: timezone }) !== null
    );
  } catch {
    return false;
  }
}
