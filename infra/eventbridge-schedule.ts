// Says a schedule in EventBridge's words, or why it cannot be said so.

import { parseCron } from "../shared/core/cron.ts";
import type { Schedule } from "../shared/core/pipeline.ts";

export type EventbridgeSchedule =
  | { kind: "expression"; expression: string; timezone: string }
  | { kind: "problem"; problem: string };

export function toEventbridge(schedule: Schedule): EventbridgeSchedule {
  switch (schedule.kind) {
    case "cron":
      return cronExpression(schedule.expression, schedule.timezone);
    case "every":
      return rateExpression(schedule.everyMs);
    case "at": {
      const local = schedule.local.length === 16 ? `${schedule.local}:00` : schedule.local;
      return { kind: "expression", expression: `at(${local})`, timezone: schedule.timezone };
    }
  }
}

function rateExpression(everyMs: number): EventbridgeSchedule {
  const minutes = everyMs / 60_000;
  if (!Number.isInteger(minutes)) {
    return { kind: "problem", problem: "expected whole minutes: EventBridge knows no seconds" };
  }
  const unit = minutes === 1 ? "minute" : "minutes";
  return { kind: "expression", expression: `rate(${minutes} ${unit})`, timezone: "UTC" };
}

const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Values are listed one by one: what ranges and steps mean beyond that differs between the two. */
function cronExpression(text: string, timezone: string): EventbridgeSchedule {
  const parsed = parseCron(text);
  if (parsed.kind === "problem") return parsed;
  const [minute, hour, day, month, weekday] = parsed.cron.fields;
  if (!minute || !hour || !day || !month || !weekday)
    return { kind: "problem", problem: "expected five fields" };
  const all = (field: { values: number[] }, count: number) => field.values.length === count;
  const list = (field: { values: number[] }, count: number) =>
    all(field, count) ? "*" : field.values.join(",");
  // Cron starts on either of the two days where both are said; EventBridge wants one of them left open.
  const anyDay = all(day, 31);
  const anyWeekday = all(weekday, 7);
  const saysBoth = !day.open && !weekday.open;
  if (saysBoth && !anyDay && !anyWeekday) {
    return {
      kind: "problem",
      problem: `expected a day of the month or a day of the week, found both in ${JSON.stringify(text)}: EventBridge knows no "either"; make it two pipelines`,
    };
  }
  const either = saysBoth && (anyDay || anyWeekday);
  if (!either && !anyDay && !anyWeekday) {
    return {
      kind: "problem",
      problem: `expected a day of the month or a day of the week, found both in ${JSON.stringify(text)}: EventBridge cannot say that`,
    };
  }
  const days = either || anyDay ? "*" : list(day, 31);
  const names = weekday.values.map((value) => weekdays[value]).join(",");
  const dayFields = either || anyWeekday ? `${days} ${list(month, 12)} ?` : `? ${list(month, 12)} ${names}`;
  return {
    kind: "expression",
    expression: `cron(${list(minute, 60)} ${list(hour, 24)} ${dayFields} *)`,
    timezone,
  };
}
