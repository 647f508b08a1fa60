// Translates a schedule into an expression of EventBridge Scheduler, or explains why there is none.

import { parseCron } from "../shared/pipeline/cron.ts";
import type { Schedule } from "../shared/pipeline/pipeline.ts";

export type EventbridgeSchedule =
  | {
      kind: "expression";
      expression: string;
      timezone: string;
      /** The instants that count; null for all of them. */
      counts: { everyMs: number; phaseMs: number } | null;
    }
  | { kind: "problem"; problem: string };

export function toEventbridge(schedule: Schedule): EventbridgeSchedule {
  switch (schedule.kind) {
    case "cron":
      return cronExpression(schedule.expression, schedule.timezone);
    case "every":
      return everyExpression(schedule.everyMs);
    case "at": {
      const local = schedule.local.length === 16 ? `${schedule.local}:00` : schedule.local;
      return { kind: "expression", expression: `at(${local})`, timezone: schedule.timezone, counts: null };
    }
  }
}

const minutesADay = 24 * 60;

/**
 * Has the instants that one machine counts from 1970, moved by the phase. EventBridge counts a rate from its creation, invokes at
 * once then, and accepts no start in the past, not even in an update that leaves it as it was. So an interval that cron
 * cannot express, such as 90 minutes or 7 hours, is a cron expression with more instants, and its event says which of them count.
 */
export function everyExpression(everyMs: number, phaseMs = 0): EventbridgeSchedule {
  const minutes = everyMs / 60_000;
  if (!Number.isInteger(minutes)) {
    return { kind: "problem", problem: "expected whole minutes; EventBridge does not support seconds" };
  }
  const inDay = greatestCommonDivisor(minutes, minutesADay);
  const step = inDay % 60 === 0 ? inDay : greatestCommonDivisor(inDay, 60);
  const first = (phaseMs / 60_000) % step;
  const [minute, hour] =
    step < 60
      ? [multiples(step, 60, first), "*"]
      : [String(first % 60), multiples(step / 60, 24, Math.floor(first / 60))];
  return {
    kind: "expression",
    expression: `cron(${minute} ${hour} * * ? *)`,
    timezone: "UTC",
    counts: step === minutes ? null : { everyMs, phaseMs },
  };
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

function multiples(step: number, below: number, first: number): string {
  if (step === 1) return "*";
  return Array.from({ length: below / step }, (_, index) => first + index * step).join(",");
}

type Field = { open: boolean; values: number[] };

const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** EventBridge accepts no more. */
const maxLength = 256;

/** Lists values, because steps, wrapped ranges and numbers of weekdays do not mean the same in cron and in EventBridge. */
function cronExpression(text: string, timezone: string): EventbridgeSchedule {
  const parsed = parseCron(text);
  if (parsed.kind === "problem") return parsed;
  const [minute, hour, day, month, weekday] = parsed.cron.fields;
  if (!minute || !hour || !day || !month || !weekday)
    return { kind: "problem", problem: "expected five fields" };
  // If both days are restricted, cron starts on either. EventBridge allows only one of them.
  const isEither = !day.open && !weekday.open;
  const isEveryDay = isEither && (isFull(day, 31) || isFull(weekday, 7));
  const anyDay = isEveryDay || isFull(day, 31);
  const anyWeekday = isEveryDay || isFull(weekday, 7);
  if (!anyDay && !anyWeekday) {
    const limit = isEither
      ? "EventBridge cannot start on either of them, so use two pipelines"
      : "EventBridge cannot combine them";
    return {
      kind: "problem",
      problem: `expected a day of the month or a day of the week, found both in ${JSON.stringify(text)}; ${limit}`,
    };
  }
  const days = anyDay ? "*" : list(day, 31);
  const names = weekday.values.map((value) => weekdays[value]).join(",");
  const dayFields = anyWeekday ? `${days} ${list(month, 12)} ?` : `? ${list(month, 12)} ${names}`;
  const expression = `cron(${list(minute, 60)} ${list(hour, 24)} ${dayFields} *)`;
  if (expression.length > maxLength) {
    return {
      kind: "problem",
      problem: `expected at most ${maxLength} characters as an expression of EventBridge, found ${expression.length} for ${JSON.stringify(text)}; use two pipelines`,
    };
  }
  return { kind: "expression", expression, timezone, counts: null };
}

function isFull({ values }: Field, count: number): boolean {
  return values.length === count;
}

function list(field: Field, count: number): string {
  return isFull(field, count) ? "*" : withRanges(field.values).join(",");
}

/** Ascending ranges mean the same in both, and keep the expression short. */
function withRanges(values: readonly number[]): string[] {
  const ranges: { from: number; to: number }[] = [];
  for (const value of values) {
    const last = ranges.at(-1);
    if (last?.to === value - 1) last.to = value;
    else ranges.push({ from: value, to: value });
  }
  return ranges.map(({ from, to }) => {
    if (from === to) return String(from);
    return to === from + 1 ? `${from},${to}` : `${from}-${to}`;
  });
}
