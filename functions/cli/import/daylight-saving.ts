// Finds pairs of crontab lines that are one schedule: each runs only while the clock has one of two offsets from UTC, as in
// `[ "$(date +%z)" = "+0000" ] && …`, so that together they start once a day.
import { parseCron } from "../../../shared/pipeline/cron.ts";
import { isTimezone } from "./apscheduler.ts";
import type { CrontabLine } from "./crontab-lines.ts";
import { type Note, note } from "./imported.ts";

type Guard = { offsetMinutes: number; timezone: string | null; rest: string };
type Guarded = { line: CrontabLine; guard: Guard };

/** Lines without such a condition are left alone; of the others, the condition is removed. */
export function joinDaylightSaving(lines: readonly CrontabLine[]): { lines: CrontabLine[]; notes: Note[] } {
  const notes: Note[] = [];
  const guarded = lines.flatMap((line) => {
    const guard = readGuard(line.command);
    return guard === null ? [] : { line, guard };
  });
  const replacements = new Map<CrontabLine, CrontabLine | null>();
  for (const group of Map.groupBy(guarded, ({ guard }) => guard.rest).values()) {
    const joined = joinPair(group);
    if (joined !== null) notes.push(joined.note);
    for (const { line, guard } of group) {
      if (joined !== null) {
        replacements.set(line, line === group[0]?.line ? joined.line : null);
        continue;
      }
      replacements.set(line, { ...line, command: guard.rest });
      notes.push(
        note(`line ${line.line} runs only while the clock has one offset from UTC; here it always runs`),
      );
    }
  }
  return {
    lines: lines.flatMap((line) => {
      const replacement = replacements.get(line);
      return replacement === undefined ? line : (replacement ?? []);
    }),
    notes,
  };
}

const condition =
  /^\s*(?:\[\[?|test)\s+["']?(?:\$\(|`)\s*(?:TZ=(\S+)\s+)?date\s+["']?\+%z["']?\s*(?:\)|`)["']?\s+(?:={1,2}|-eq)\s+["']?([+-])(\d\d):?(\d\d)["']?\s*(?:\]\]?)?\s*&&\s*(\S.*)$/;

function readGuard(command: string): Guard | null {
  const [, timezone, sign, hours, minutes, rest] = condition.exec(command) ?? [];
  if (rest === undefined) return null;
  const offset = Number(hours) * 60 + Number(minutes);
  const zone = timezone?.replaceAll(/["']/g, "");
  return {
    offsetMinutes: sign === "-" ? -offset : offset,
    timezone: zone !== undefined && isTimezone(zone) ? zone : null,
    rest,
  };
}

function joinPair(group: readonly Guarded[]): { line: CrontabLine; note: Note } | null {
  const [one, other, ...more] = group;
  if (one === undefined || other === undefined || more.length > 0) return null;
  if (one.guard.offsetMinutes === other.guard.offsetMinutes) return null;
  const pair = `lines ${one.line.line} and ${other.line.line} are one schedule, before and after the clocks change`;
  const joined = (found: { cron: string; timezone: string | null }, why: string) => ({
    line: { ...one.line, ...found, command: one.guard.rest },
    note: note(`${pair}: ${why}`),
  });
  // cron runs by the clock that the condition looks at: both are the same time in UTC.
  const utc = group.map(({ line, guard }) => shift(line.cron, -guard.offsetMinutes));
  if (utc[0] != null && utc[0] === utc[1]) {
    return joined({ cron: utc[0], timezone: "UTC" }, "they start at the same time in UTC");
  }
  const timezone = one.guard.timezone ?? timezoneOf(group);
  const zone = timezone === null ? "add its timezone" : `by the clock of ${timezone}, if that is the zone`;
  // cron runs in UTC: both are the same time of that clock.
  const local = group.map(({ line, guard }) => shift(line.cron, guard.offsetMinutes));
  const isUtc = local[0] != null && local[0] === local[1];
  const cron = isUtc ? local[0] : one.line.cron === other.line.cron ? one.line.cron : null;
  return cron == null ? null : joined({ cron, timezone: one.line.timezone ?? timezone }, zone);
}

/** A zone whose offsets are these in winter and in summer. */
const zones = new Map([
  ["0 60", "Europe/London"],
  ["60 120", "Europe/Paris"],
  ["120 180", "Europe/Helsinki"],
  ["-300 -240", "America/New_York"],
  ["-360 -300", "America/Chicago"],
  ["-420 -360", "America/Denver"],
  ["-480 -420", "America/Los_Angeles"],
  ["600 660", "Australia/Sydney"],
]);

function timezoneOf(group: readonly Guarded[]): string | null {
  const offsets = group.map(({ guard }) => guard.offsetMinutes).toSorted((a, b) => a - b);
  return zones.get(offsets.join(" ")) ?? null;
}

/** Null if it does not start once a day, or if that would be on another day. */
function shift(cron: string | null, byMinutes: number): string | null {
  const parsed = cron === null ? null : parseCron(cron);
  if (parsed?.kind !== "cron" || cron === null) return null;
  const [minute, hour] = parsed.cron.fields;
  if (minute?.values.length !== 1 || hour?.values.length !== 1) return null;
  const days = cron.split(" ").slice(2);
  const shifted = (hour.values[0] ?? 0) * 60 + (minute.values[0] ?? 0) + byMinutes;
  const dayMinutes = 24 * 60;
  const isEveryDay = days.every((field) => field === "*");
  if ((shifted < 0 || shifted >= dayMinutes) && !isEveryDay) return null;
  const within = (shifted + dayMinutes) % dayMinutes;
  return [within % 60, Math.floor(within / 60), ...days].join(" ");
}
