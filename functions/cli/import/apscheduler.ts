// Says in Tagrelay's words when APScheduler, the original's clock, starts something.
import { parseCron } from "../../../shared/core/cron.ts";
import type { ImportedPipeline } from "./imported.ts";
import type { PythonValue } from "./python-values.ts";

export type Translated = { schedule: ImportedPipeline["schedule"]; problems: string[] };

export function translateSchedule(told: PythonValue): Translated {
  if (told.kind !== "map") return nothing("it is no map of plain values");
  const values = new Map<string, string>();
  for (const [key, value] of told.entries) {
    if (value.kind === "text") values.set(key, value.text);
    else if (value.kind === "number") values.set(key, String(value.number));
    else return nothing(`its ${JSON.stringify(key.slice(0, 40))} is no plain value`);
  }
  const trigger = values.get("trigger");
  if (trigger === "cron") return translateCron(values);
  if (trigger === "interval") return translateInterval(values);
  if (trigger === "date") return translateDate(values);
  return nothing('its "trigger" is neither cron, interval nor date');
}

function nothing(why: string): Translated {
  return {
    schedule: null,
    problems: [`triggerScheduling is not carried over: ${why}; add a schedule by hand`],
  };
}

// From the greatest to the least, as APScheduler orders them.
const fields = ["year", "month", "day", "week", "day_of_week", "hour", "minute", "second"];
const least = new Map([
  ["month", "1"],
  ["day", "1"],
  ["hour", "0"],
  ["minute", "0"],
]);

/** What is greater than the least field that is told is `*`, what is less is at its minimum. */
function translateCron(values: ReadonlyMap<string, string>): Translated {
  const last = fields.findLastIndex((field) => values.has(field));
  const fieldOf = (field: string): string =>
    values.get(field) ?? (fields.indexOf(field) > last ? (least.get(field) ?? "*") : "*");
  const lost = ["year", "week", "start_date", "end_date", "jitter"].filter(
    (key) => (values.get(key) ?? "*") !== "*",
  );
  if (lost.length > 0) return nothing(`${lost.join(", ")} cannot be said in five fields`);
  const weekdays = translateWeekdays(fieldOf("day_of_week"));
  if (weekdays === null) return nothing("its day_of_week is not understood");
  if (weekdays !== "*" && fieldOf("day") !== "*") {
    return nothing("it asks for a day of the month and of the week at once, which cron takes for either");
  }
  const cron = [fieldOf("minute"), fieldOf("hour"), fieldOf("day"), fieldOf("month"), weekdays].join(" ");
  if (parseCron(cron).kind === "problem") return nothing("its fields have no like in cron");
  const problems =
    (values.get("second") ?? "0") === "0"
      ? []
      : ["the second of triggerScheduling is not carried over: minutes are the least"];
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
    return nothing("its interval is no whole number of weeks, days, hours, minutes or seconds");
  }
  const every = parts.map((part, index) => (part === 0 ? "" : `${part}${"dhms"[index] ?? ""}`)).join("");
  const lost = ["start_date", "end_date", "jitter"].filter((key) => values.has(key));
  return {
    schedule: { every },
    problems: [
      `every ${every} is counted from midnight UTC of 1970, not from the start of the program`,
      ...lost.map((key) => `the ${key} of triggerScheduling is not carried over`),
    ],
  };
}

function translateDate(values: ReadonlyMap<string, string>): Translated {
  const [, day, time] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)$/.exec(values.get("run_date") ?? "") ?? [];
  if (day === undefined || time === undefined)
    return nothing("its run_date is no text such as 2026-12-24 03:00:00");
  return { schedule: { at: `${day}T${time}`, ...timezoneOf(values) }, problems: timezoneProblem(values) };
}

function timezoneOf(values: ReadonlyMap<string, string>): { timezone?: string } {
  const timezone = values.get("timezone");
  return timezone === undefined || !isTimezone(timezone) ? {} : { timezone };
}

function timezoneProblem(values: ReadonlyMap<string, string>): string[] {
  const timezone = values.get("timezone");
  if (timezone !== undefined && isTimezone(timezone)) return [];
  return [
    "the time is taken for UTC, as it was on Heroku; add a timezone, such as Europe/Paris, if it was another",
  ];
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
