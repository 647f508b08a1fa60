// Tells which lines of a crontab seem to wait for one another by the clock. Nothing is made of that: it is a guess.
import { type Cron, parseCron } from "../../../shared/core/cron.ts";
import type { LinePipeline } from "./crontab.ts";
import { type Note, note } from "./imported.ts";

const longestMinutes = 6 * 60;

/** Lines on the same days, for one namespace, at most six hours apart: each is noted at the later one. */
export function relatedLines(pipelines: readonly LinePipeline[]): Note[] {
  const timed = pipelines
    .flatMap((pipeline) => {
      const time = timeOf(pipeline);
      return time === null ? [] : [{ pipeline, ...time }];
    })
    .toSorted((a, b) => a.minutes - b.minutes);
  return timed.flatMap(({ pipeline, days, minutes }, index) => {
    const before = timed.slice(0, index).findLast((other) => other.days === days && other.minutes < minutes);
    if (before === undefined || minutes - before.minutes > longestMinutes) return [];
    const images = [before.pipeline, pipeline].map(({ steps }) => steps.at(-1)?.image ?? "").join(", ");
    const text = `line ${before.pipeline.line} starts ${before.pipeline.name} ${minutes - before.minutes} minutes before line ${pipeline.line}: if ${pipeline.name} is built from it, make them one pipeline, sequence: [${images}], which waits for the build and not for the clock`;
    return note(text, pipeline.name);
  });
}

/** The minute of the day of what comes once on its days; `days` is the same for lines on the same days. */
function timeOf({ schedule, steps }: LinePipeline): { days: string; minutes: number } | null {
  if (schedule == null || !("cron" in schedule)) return null;
  const parsed = parseCron(schedule.cron);
  if (parsed.kind === "problem") return null;
  const [minute, hour, ...rest]: Cron["fields"] = parsed.cron.fields;
  if (minute?.values.length !== 1 || hour?.values.length !== 1) return null;
  const namespace = steps[0]?.image.split("/")[0] ?? "";
  const days = JSON.stringify([namespace, schedule.timezone ?? "", rest.map(({ values }) => values)]);
  return { days, minutes: (hour.values[0] ?? 0) * 60 + (minute.values[0] ?? 0) };
}
