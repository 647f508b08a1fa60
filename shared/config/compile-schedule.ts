// Compiles `schedule`: checks the cron expression, the time zone and the local time.
import { parseCron } from "../pipeline/cron.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { Schedule } from "../pipeline/pipeline.ts";
import { instantOf } from "../pipeline/schedule.ts";
import { didYouMean } from "../validation/did-you-mean.ts";
import { expected } from "../validation/expectation.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import type { Report } from "./report.ts";

export function compileSchedule(
  document: NonNullable<PipelineDocument["schedule"]>,
  report: Report,
): Schedule | null {
  if ("every" in document) return { kind: "every", everyMs: parseDuration(document.every) };
  const timezone = document.timezone ?? "UTC";
  const isKnown = isTimezone(timezone);
  if (!isKnown) {
    const hint = didYouMean(timezone, Intl.supportedValuesOf("timeZone"));
    report(
      ["schedule", "timezone"],
      `${expected("a time zone such as Europe/Paris or UTC", timezone)}${hint}`,
    );
  }
  if ("cron" in document) {
    const parsed = parseCron(document.cron);
    if (parsed.kind === "cron") return { kind: "cron", expression: document.cron.trim(), timezone };
    report(["schedule", "cron"], parsed.problem);
    return null;
  }
  const startAt = isRealTime(document.at) ? instantOf(document.at, isKnown ? timezone : "UTC") : null;
  if (startAt !== null) return { kind: "at", local: document.at, timezone, startAt };
  report(["schedule", "at"], expected("a local time that exists, such as 2026-12-24T03:00:00", document.at));
  return null;
}

const timezones = new Map<string, boolean>();

/** Remembered, because ten thousand pipelines have the same few and the look-up is slow. */
function isTimezone(timezone: string): boolean {
  const known = timezones.get(timezone) ?? canFormatIn(timezone);
  timezones.set(timezone, known);
  return known;
}

function canFormatIn(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: timezone }) !== null;
  } catch {
    return false;
  }
}

/** False for 30 February, which `Date` would read as 2 March. */
function isRealTime(local: string): boolean {
  const time = new Date(`${local.length === 16 ? `${local}:00` : local}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(local);
}
