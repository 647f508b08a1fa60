// Pipelines and runs as the API tells them, by its schemas: names people know, instants in ISO 8601.
import { imageName } from "../core/image.ts";
import { mostParallel, type Pipeline, type Schedule, type Source, type Step } from "../core/pipeline.ts";
import type { NextRun, PipelineState, Run, RunLogEntry, StepRun, Ticket } from "../core/run.ts";
import { nextStart } from "../core/schedule.ts";
import type {
  LogEntryAnswer,
  PipelineAnswer,
  PipelineStepAnswer,
  RunAnswer,
  RunStepAnswer,
  RunWithLogAnswer,
  ScheduleAnswer,
} from "./api-answers.ts";

const iso = (instant: number) => new Date(instant).toISOString();

/** The run, and what happened in it. */
export function viewRunWithLog(run: Run): RunWithLogAnswer {
  return { ...viewRun(run), log: run.log.map(viewLogEntry) };
}

function viewLogEntry({ at, step, state, attempt, reason }: RunLogEntry): LogEntryAnswer {
  return {
    at: iso(at),
    ...(step === null ? {} : { step, attempt }),
    state,
    ...(reason === null ? {} : { reason }),
  };
}

export function viewRun(run: Run): RunAnswer {
  const view = {
    id: run.id,
    pipeline: run.pipeline,
    cause: run.cause,
    ...(run.from === null ? {} : { from: run.from }),
    startedAt: iso(run.startedAt),
    steps: run.steps.map(viewStep),
  };
  if (run.status === "running") return { ...view, status: run.status };
  return { ...view, status: run.status, endedAt: iso(run.endedAt) };
}

function viewStep(step: StepRun): RunStepAnswer {
  const view = {
    name: step.name,
    image: step.image,
    attempts: step.attempts,
    ...(step.triggeredAt === null ? {} : { triggeredAt: iso(step.triggeredAt) }),
    ...(step.ticket === null ? {} : { build: viewTicket(step.ticket) }),
  };
  switch (step.state) {
    case "waiting":
    case "triggering":
    case "building":
    case "skipped":
      return { ...view, state: step.state };
    case "due": {
      const reason = step.reason === null ? {} : { reason: step.reason };
      return { ...view, state: "due", dueAt: iso(step.dueAt), ...reason };
    }
    case "done":
      return { ...view, state: "done", doneAt: iso(step.doneAt) };
    case "failed":
      return { ...view, state: "failed", failedAt: iso(step.failedAt), reason: step.reason };
  }
}

function viewTicket({ id, url }: Ticket) {
  return { id, ...(url === null ? {} : { url }) };
}

export function viewPipeline(pipeline: Pipeline, { run, next }: PipelineState, now: number): PipelineAnswer {
  const nextStartAt = pipeline.schedule === null ? null : nextStart(pipeline.schedule, now);
  return {
    name: pipeline.name,
    ...(pipeline.schedule === null ? {} : { schedule: viewSchedule(pipeline.schedule) }),
    ...(nextStartAt === null ? {} : { nextStartAt: iso(nextStartAt) }),
    ...(pipeline.after.length === 0 ? {} : { after: pipeline.after }),
    ...(pipeline.source === null ? {} : { source: viewSource(pipeline.source) }),
    ...(pipeline.maxParallel === mostParallel ? {} : { maxParallel: pipeline.maxParallel }),
    steps: pipeline.steps.map(viewStepSettings),
    confirm: pipeline.confirm,
    ...(next === null ? {} : { next: viewNext(next) }),
    run: run === null ? null : viewRun(run),
  };
}

function viewStepSettings({
  name,
  image,
  after,
  trigger,
  upstreams,
  paths,
  account,
}: Step): PipelineStepAnswer {
  return {
    name,
    image: imageName(image),
    after,
    trigger: Object.keys(trigger).join(),
    ...(upstreams.length === 0 ? {} : { upstreams }),
    ...(paths.length === 0 ? {} : { paths }),
    ...(account === null ? {} : { account }),
  };
}

function viewSource({ repository, branches, paths }: Source) {
  return { github: repository, branches, ...(paths.length === 0 ? {} : { paths }) };
}

/** What is run once the active run is over. */
function viewNext({ cause, from, at }: NextRun) {
  return { cause, ...(from === null ? {} : { from }), askedAt: iso(at) };
}

function viewSchedule(schedule: Schedule): ScheduleAnswer {
  switch (schedule.kind) {
    case "cron":
      return { cron: schedule.expression, timezone: schedule.timezone };
    case "every":
      return { everySeconds: schedule.everyMs / 1000 };
    case "at":
      return { at: iso(schedule.startAt) };
  }
}
