// Lists the schedules that pipelines need in EventBridge Scheduler, or reports those that it does not support.
import { createHash } from "node:crypto";
import type { DeployedSchedule } from "../functions/deploy-schedules/manifest.ts";
import { ConfigError } from "../shared/config/config-error.ts";
import type { Pipeline } from "../shared/pipeline/pipeline.ts";
import { upstreamsOf } from "../shared/pipeline/upstreams-of.ts";
import { scheduleNames } from "../shared/settings.ts";
import type { Problem } from "../shared/validation/expectation.ts";
import { type EventbridgeSchedule, everyExpression, toEventbridge } from "./eventbridge-schedule.ts";

export type ListedSchedule = DeployedSchedule & {
  /** The id of its construct, if it has one. */
  id: string;
};

export function listSchedules(pipelines: readonly Pipeline[]): ListedSchedule[] {
  const problems: Problem[] = [];
  const listed = pipelines.flatMap(schedulesOf).flatMap(({ path, translated, ...entry }) => {
    if (translated.kind === "problem") {
      problems.push({ path, message: translated.problem });
      return [];
    }
    const { expression, timezone, counts } = translated;
    // The instant distinguishes a repeated delivery from the next start, and those that count from the others.
    const input = { ...entry.input, scheduledFor: "<aws.scheduler.scheduled-time>", ...counts };
    return { ...entry, input, expression, timezone, maxEventAgeSeconds: 3_600 };
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return listed;
}

type PipelineSchedule = Omit<ListedSchedule, "expression" | "timezone" | "maxEventAgeSeconds"> & {
  /** The place in tagrelay.yaml that errors point to. */
  path: string[];
  translated: EventbridgeSchedule;
};

function schedulesOf(pipeline: Pipeline): PipelineSchedule[] {
  const { name, schedule, upstreamEveryMs } = pipeline;
  const schedules: PipelineSchedule[] = [];
  if (schedule !== null) {
    schedules.push({
      id: `Start-${name}`,
      name: scheduleNames.start(name),
      path: ["pipelines", name, "schedule"],
      description: `Starts a run of ${name}`,
      translated: toEventbridge(schedule),
      startAt: schedule.kind === "at" ? schedule.startAt : null,
      input: { start: name },
      retryAttempts: 10,
    });
  }
  if (upstreamsOf(pipeline).length > 0) {
    schedules.push({
      id: `Look-${name}`,
      name: scheduleNames.look(name),
      path: ["pipelines", name, "upstreamEvery"],
      description: `Checks whether an upstream of ${name} has changed`,
      translated: everyExpression(upstreamEveryMs, phaseOf(name, upstreamEveryMs)),
      startAt: null,
      input: { lookAtUpstreams: name },
      // The next check comes anyway.
      retryAttempts: 2,
    });
  }
  return schedules;
}

/** Spreads the checks of all pipelines, and is the same at each deployment. */
function phaseOf(name: string, everyMs: number): number {
  const hash = createHash("sha256").update(name).digest().readUInt32BE();
  return (hash % Math.max(1, Math.floor(everyMs / 60_000))) * 60_000;
}
