// What starts runs, in words.
import { formatDuration } from "../../core/duration.ts";
import { mostParallel, type Pipeline, type Schedule } from "../../core/pipeline.ts";
import type { Run } from "../../core/run.ts";
import { exact } from "./times.ts";

export function causeOf({ cause, pushedStep, from }: Pick<Run, "cause" | "pushedStep" | "from">): string {
  const begin = from === null ? "" : `, from ${from.join(", ")}`;
  switch (cause) {
    case "schedule":
      return `by the schedule${begin}`;
    case "manual":
      return `by hand${begin}`;
    case "push":
      return pushedStep === null ? "by a push" : `by a push of ${pushedStep}`;
    case "upstream":
      return `by an upstream${begin}`;
    case "source":
      return `by a push to the source${begin}`;
  }
}

export function scheduleWords(schedule: Schedule): string {
  switch (schedule.kind) {
    case "cron":
      return `${schedule.expression} (${schedule.timezone})`;
    case "every":
      return `every ${shortly(schedule.everyMs)}`;
    case "at":
      return `once, at ${exact(schedule.startAt)}`;
  }
}

/** `6h` rather than `6h 00m`. */
function shortly(ms: number): string {
  return formatDuration(ms)
    .replace(/ 00[ms]$/, "")
    .replace(/\.0s$/, "s");
}

/** What starts the pipeline beside people, other pipelines left out. */
export function startsOf({ schedule, source, steps, upstreamEveryMs }: Pipeline): string[] {
  const upstreams = [...new Set(steps.flatMap((step) => step.upstreams))];
  return [
    ...(schedule === null ? [] : [scheduleWords(schedule)]),
    ...(source === null ? [] : [`pushes to ${source.repository} (${source.branches.join(", ")})`]),
    ...(upstreams.length === 0
      ? []
      : [
          `a new ${upstreams.map((image) => image.replace(/^library\//, "")).join(", ")}, looked at every ${shortly(upstreamEveryMs)}`,
        ]),
  ];
}

export function limitOf({ maxParallel }: Pipeline): string | null {
  return maxParallel === mostParallel ? null : `${maxParallel} at once`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
