// Notes crontab lines that may be timed to follow one another. This is a guess, so they are not linked.
import { type Cron, parseCron } from "../../../shared/pipeline/cron.ts";
import { type ImportedPipeline, type Note, note } from "./imported.ts";

export type LinePipeline = ImportedPipeline & { line: number };

const maxGapMinutes = 6 * 60;

/** Related lines run on the same days, for the same namespace, with a short gap. The note is on the later one. */
export function relatedLines(pipelines: readonly LinePipeline[]): Note[] {
  const timed = pipelines
    .flatMap((pipeline) => {
      const time = timeOf(pipeline);
      return time === null ? [] : [{ pipeline, ...time }];
    })
    .toSorted((a, b) => a.minutes - b.minutes);
  return timed.flatMap(({ pipeline, days, minutes }, index) => {
    const before = timed.slice(0, index).findLast((other) => other.days === days && other.minutes < minutes);
    if (before === undefined || minutes - before.minutes > maxGapMinutes) return [];
    const images = [before.pipeline, pipeline].map(({ steps }) => steps.at(-1)?.image ?? "").join(", ");
    const gap = `line ${before.pipeline.line} starts ${before.pipeline.name} ${minutes - before.minutes} minutes before line ${pipeline.line}`;
    const advice = `if ${pipeline.name} is built from it, make them one pipeline that waits for the build and not for the clock: sequence: [${images}]`;
    return note(`${gap}; ${advice}`, pipeline.name);
  });
}

/** The minute of the day of a daily time. `days` is equal for lines that run on the same days. */
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
