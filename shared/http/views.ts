// Pipelines and runs as the API tells them: names people know, instants in ISO 8601.
import { imageName } from "../core/image.ts";
import type { Pipeline, Schedule } from "../core/pipeline.ts";
import type { Run, StepRun } from "../core/run.ts";
import { nextStart } from "../core/schedule.ts";

const iso = (instant: number) => new Date(instant).toISOString();

export function viewRun(run: Run) {
  return {
    id: run.id,
    pipeline: run.pipeline,
    status: run.status,
    cause: run.cause,
    ...(run.from === null ? {} : { from: run.from }),
    startedAt: iso(run.startedAt),
    ...(run.status === "running" ? {} : { endedAt: iso(run.endedAt) }),
    steps: run.steps.map(viewStep),
  };
}

function viewStep(step: StepRun) {
  return {
    name: step.name,
    image: step.image,
    state: step.state,
    attempts: step.attempts,
    ...(step.triggeredAt === null ? {} : { triggeredAt: iso(step.triggeredAt) }),
    ...(step.state === "due" ? { dueAt: iso(step.dueAt) } : {}),
    ...(step.state === "done" ? { doneAt: iso(step.doneAt) } : {}),
    ...(step.state === "failed" ? { failedAt: iso(step.failedAt) } : {}),
    ...("reason" in step && step.reason !== null ? { reason: step.reason } : {}),
  };
}

export function viewPipeline(pipeline: Pipeline, run: Run | null, now: number) {
  const nextStartAt = pipeline.schedule === null ? null : nextStart(pipeline.schedule, now);
  return {
    name: pipeline.name,
    ...(pipeline.schedule === null ? {} : { schedule: viewSchedule(pipeline.schedule) }),
    ...(nextStartAt === null ? {} : { nextStartAt: iso(nextStartAt) }),
    steps: pipeline.steps.map(({ name, image, after }) => ({
      name,
      image: imageName(image),
      after,
    })),
    confirm: pipeline.confirm,
    run: run === null ? null : viewRun(run),
  };
}

function viewSchedule(schedule: Schedule) {
  switch (schedule.kind) {
    case "cron":
      return { cron: schedule.expression, timezone: schedule.timezone };
    case "every":
      return { everySeconds: schedule.everyMs / 1000 };
    case "at":
      return { at: iso(schedule.startAt) };
  }
}
