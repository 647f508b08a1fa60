// Pipelines and runs as the API returns them, in the types of answers.ts. Instants are in ISO 8601.
import type { PushedImage, StandsOn } from "../../evidence/evidence.ts";
import { imageName } from "../../image/image.ts";
import type { BuildReference } from "../../kinds/builder.ts";
import {
  mostParallel,
  type Pipeline,
  type Schedule,
  type Source,
  type Step,
} from "../../pipeline/pipeline.ts";
import { nextStart } from "../../pipeline/schedule.ts";
import type { PipelineState, QueuedRun, Run, RunLogEntry, StepRun } from "../../run/state.ts";
import type {
  LogEntryAnswer,
  PipelineAnswer,
  PipelineStepAnswer,
  RunAnswer,
  RunStepAnswer,
  RunWithLogAnswer,
  ScheduleAnswer,
  StandsOnAnswer,
} from "./answers.ts";

const iso = (instant: number) => new Date(instant).toISOString();

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
    ...(run.because === null ? {} : { because: run.because }),
    ...(run.onlyStale ? { only: "stale" as const } : {}),
    startedAt: iso(run.startedAt),
    steps: run.steps.map(viewStepRun),
  };
  if (run.status === "running") return { ...view, status: run.status };
  return { ...view, status: run.status, endedAt: iso(run.endedAt) };
}

function viewStepRun(stepRun: StepRun): RunStepAnswer {
  const view = {
    name: stepRun.name,
    image: stepRun.image,
    attempts: stepRun.attempts,
    ...(stepRun.triggeredAt === null ? {} : { triggeredAt: iso(stepRun.triggeredAt) }),
    ...(stepRun.build === null ? {} : { build: viewBuild(stepRun.build) }),
    ...(stepRun.pushed === null ? {} : viewPushed(stepRun.pushed)),
  };
  switch (stepRun.state) {
    case "waiting":
    case "triggering":
    case "building":
    case "skipped":
      return { ...view, state: stepRun.state };
    case "due": {
      const reason = stepRun.reason === null ? {} : { reason: stepRun.reason };
      return { ...view, state: "due", dueAt: iso(stepRun.dueAt), ...reason };
    }
    case "done":
      return {
        ...{ ...view, state: "done", doneAt: iso(stepRun.doneAt) },
        ...(stepRun.reportedBy === null ? {} : { reportedBy: stepRun.reportedBy }),
      };
    case "failed":
      return { ...view, state: "failed", failedAt: iso(stepRun.failedAt), reason: stepRun.reason };
    case "fresh":
      return { ...view, state: "fresh", freshAt: iso(stepRun.freshAt), reason: stepRun.reason };
  }
}

function viewPushed({ digest, platforms, standsOn }: PushedImage) {
  return {
    digest,
    ...(platforms.length === 0 ? {} : { platforms }),
    ...(standsOn.length === 0 ? {} : { standsOn: standsOn.map(viewStandsOn) }),
  };
}

function viewStandsOn({ base, digest, verdict }: StandsOn): StandsOnAnswer {
  const name = base.kind === "step" ? { step: base.step } : { image: base.image };
  return { ...name, ...(digest === null ? {} : { digest }), verdict };
}

function viewBuild({ id, url }: BuildReference) {
  return { id, ...(url === null ? {} : { url }) };
}

export function viewPipeline(
  pipeline: Pipeline,
  { run, queuedRun }: PipelineState,
  now: number,
): PipelineAnswer {
  const nextStartAt = pipeline.schedule === null ? null : nextStart(pipeline.schedule, now);
  return {
    name: pipeline.name,
    ...(pipeline.schedule === null ? {} : { schedule: viewSchedule(pipeline.schedule) }),
    ...(nextStartAt === null ? {} : { nextStartAt: iso(nextStartAt) }),
    ...(pipeline.after.length === 0 ? {} : { after: pipeline.after }),
    ...(pipeline.source === null ? {} : { source: viewSource(pipeline.source) }),
    ...(pipeline.maxParallel === mostParallel ? {} : { maxParallel: pipeline.maxParallel }),
    steps: pipeline.steps.map(viewStep),
    confirm: pipeline.confirm,
    ...(queuedRun === null ? {} : { next: viewQueuedRun(queuedRun) }),
    run: run === null ? null : viewRun(run),
  };
}

function viewStep({ name, image, after, trigger, upstreams, paths, account }: Step): PipelineStepAnswer {
  return {
    name,
    image: imageName(image),
    after,
    trigger: trigger.kind,
    ...(upstreams.length === 0 ? {} : { upstreams }),
    ...(paths.length === 0 ? {} : { paths }),
    ...(account === null ? {} : { account }),
  };
}

function viewSource({ repository, branches, paths }: Source) {
  return { github: repository, branches, ...(paths.length === 0 ? {} : { paths }) };
}

function viewQueuedRun({ cause, from, at }: QueuedRun) {
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
