// Pipelines and runs as the API returns them, in the types of answers.ts. Instants are in ISO 8601.
import type { PushedImage, StandsOn } from "../../evidence/evidence.ts";
import { imageName, splitImageName } from "../../image/image.ts";
import type { BuildReference } from "../../kinds/builder.ts";
import {
  imageNameOf,
  noParallelLimit,
  type Pipeline,
  type Schedule,
  type Source,
  type Step,
} from "../../pipeline/pipeline.ts";
import { nextStart } from "../../pipeline/schedule.ts";
import { targetOf } from "../../run/candidates.ts";
import type { Move, Promotion } from "../../run/promotion.ts";
import type { PipelineState, QueuedRun, Run, RunLogEntry, StepRun } from "../../run/state.ts";
import type {
  LogEntryAnswer,
  PipelineAnswer,
  PipelineStepAnswer,
  PromotionAnswer,
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
    ...(run.parameters === undefined ? {} : { parameters: run.parameters }),
    startedAt: iso(run.startedAt),
    ...(run.promotion === null ? {} : { promotion: viewPromotion(run.promotion) }),
    steps: run.steps.map((stepRun) => viewStepRun(stepRun, run)),
    ...(run.logLeftOut === undefined ? {} : { logLeftOut: run.logLeftOut }),
    ...(run.isShortened === true ? { shortened: true as const } : {}),
  };
  if (run.status === "running") return { ...view, status: run.status };
  return { ...view, status: run.status, endedAt: iso(run.endedAt) };
}

function viewPromotion(promotion: Promotion): PromotionAnswer {
  const moves = "moves" in promotion ? promotion.moves : [];
  const failures = "failures" in promotion ? promotion.failures : [];
  return {
    phase: promotion.phase,
    ...(moves.length === 0 ? {} : { moves: moves.map(viewMove) }),
    ...(failures.length === 0 ? {} : { failures }),
  };
}

function viewMove({ step, image, digest, replaced, isMoved }: Move) {
  return { step, image, digest, ...(replaced === "absent" ? {} : { replaced }), moved: isMoved };
}

function viewStepRun(stepRun: StepRun, run: Run): RunStepAnswer {
  const view = {
    name: stepRun.name,
    ...viewImage(stepRun.image),
    ...viewCandidate(stepRun, run),
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
        ...view,
        state: "done",
        doneAt: iso(stepRun.doneAt),
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

function viewBuild({ id, url, builder }: BuildReference) {
  return { id, ...(url === null ? {} : { url }), ...(builder === undefined ? {} : { builder }) };
}

export function viewPipeline(
  pipeline: Pipeline,
  { run, queuedRun, queuedLater = [] }: PipelineState,
  now: number,
): PipelineAnswer {
  const nextStartAt = pipeline.schedule === null ? null : nextStart(pipeline.schedule, now);
  return {
    name: pipeline.name,
    ...(pipeline.schedule === null ? {} : { schedule: viewSchedule(pipeline.schedule) }),
    ...(nextStartAt === null ? {} : { nextStartAt: iso(nextStartAt) }),
    ...(pipeline.after.length === 0 ? {} : { after: pipeline.after }),
    ...(pipeline.waitFor.length === 0 ? {} : { waitFor: pipeline.waitFor }),
    ...(pipeline.source === null ? {} : { source: viewSource(pipeline.source) }),
    ...(pipeline.maxParallel === noParallelLimit ? {} : { maxParallel: pipeline.maxParallel }),
    ...(Object.keys(pipeline.parameters).length === 0 ? {} : { parameters: pipeline.parameters }),
    steps: pipeline.steps.map(viewStep),
    confirm: pipeline.confirm,
    ...(queuedRun === null ? {} : { next: viewQueuedRun(queuedRun) }),
    ...(queuedLater.length === 0 ? {} : { later: queuedLater.map(viewQueuedRun) }),
    run: run === null ? null : viewRun(run),
  };
}

function viewCandidate({ image, attempts }: StepRun, run: Run): { candidate?: string } {
  if (run.promotion === null || image === null || attempts === 0) return {};
  return { candidate: imageName(targetOf(run, splitImageName(image))) };
}

/** A gate has no image. */
function viewImage(image: string | null): { image: string } | { gate: true } {
  return image === null ? { gate: true } : { image };
}

function viewStep(step: Step): PipelineStepAnswer {
  const { name, after, trigger, tags, upstreams, paths, account } = step;
  return {
    name,
    ...viewImage(imageNameOf(step)),
    ...(tags.length === 0 ? {} : { tags: tags.map(imageName) }),
    after,
    trigger: trigger.kind,
    ...(upstreams.length === 0 ? {} : { upstreams }),
    ...(paths.length === 0 ? {} : { paths }),
    ...(account === null ? {} : { account }),
  };
}

function viewSource({ host, repository, branches, tags, paths }: Source) {
  return {
    [host]: repository,
    branches,
    ...(tags.length === 0 ? {} : { tags }),
    ...(paths.length === 0 ? {} : { paths }),
  };
}

function viewQueuedRun({ cause, from, parameters, at }: QueuedRun) {
  return {
    cause,
    ...(from === null ? {} : { from }),
    ...(parameters === undefined ? {} : { parameters }),
    askedAt: iso(at),
  };
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
