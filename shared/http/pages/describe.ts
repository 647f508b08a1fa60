// Describes in words what starts runs, and what limits them.
import { formatDuration } from "../../pipeline/duration.ts";
import { noParallelLimit, type Pipeline, type Schedule } from "../../pipeline/pipeline.ts";
import type { Run } from "../../run/state.ts";
import { exact } from "./times.ts";

/** Lists of names are cut, so that pages stay small. */
export const maxNames = 10;

export function describeCause({
  cause,
  pushedStep,
  from,
}: Pick<Run, "cause" | "pushedStep" | "from">): string {
  const start = from === null ? "" : `, from ${nameSome(from, maxNames)}`;
  switch (cause) {
    case "schedule":
      return `by schedule${start}`;
    case "manual":
      return `manually${start}`;
    case "push":
      return pushedStep === null ? "by a push" : `by a push of ${pushedStep}`;
    case "upstream":
      return `because of an upstream${start}`;
    case "source":
      return `by a push to the source${start}`;
    case "stale":
      return "because images were stale";
  }
}

export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case "cron":
      return `${schedule.expression} (${schedule.timezone})`;
    case "every":
      return `every ${shortDuration(schedule.everyMs)}`;
    case "at":
      return `once, at ${exact(schedule.startAt)}`;
  }
}

/** `6h` rather than `6h 00m`. */
function shortDuration(ms: number): string {
  return formatDuration(ms)
    .replace(/ 00[ms]$/, "")
    .replace(/\.0s$/, "s");
}

/** What starts the pipeline automatically, apart from other pipelines. */
export function describeStarts({ schedule, source, steps, upstreamEveryMs }: Pipeline): string[] {
  const upstreams = [...new Set(steps.flatMap((step) => step.upstreams))].map((image) =>
    image.replace(/^library\//, ""),
  );
  return [
    ...(schedule === null ? [] : [describeSchedule(schedule)]),
    ...(source === null
      ? []
      : [`pushes to ${source.repository} (${[...source.branches, ...source.tags].join(", ")})`]),
    ...(upstreams.length === 0
      ? []
      : [
          `new versions of ${nameSome(upstreams, maxNames)}, checked every ${shortDuration(upstreamEveryMs)}`,
        ]),
  ];
}

export function describeLimit({ maxParallel }: Pipeline): string | null {
  return maxParallel === noParallelLimit ? null : `at most ${maxParallel} at once`;
}

export function pluralize(count: number, singular: string): string {
  return `${count} ${singular}${count === 1 ? "" : "s"}`;
}

/** The first of some names, and how many others there are. */
export function nameSome(names: readonly string[], most: number): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
