// A job that has built an image reports that itself, wherever it ran.
import { imageName } from "../image/image.ts";
import { findStep, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { targetOf } from "../run/candidates.ts";
import type { Event, Outcome } from "../run/event.ts";
import { pipelineOfRunId } from "../run/run-id.ts";
import { pipelineOfRun } from "../run/run-parameters.ts";
import { findStepRun, type Run } from "../run/state.ts";
import { apply } from "./apply.ts";
import { logOutcome } from "./log-outcome.ts";
import { newRunId, type Relay } from "./relay.ts";

export type ReportedJob = {
  run: string;
  step: string;
  /** What it pushed, if it says so. */
  image: string | null;
  digest: string | null;
  conclusion: "success" | "failure";
  url: string | null;
};

export type JobResult =
  | { kind: "applied"; result: { pipeline: string; step: string; run: string; outcome: Outcome } }
  /** No step waits for the job. */
  | { kind: "ignored"; reason: string };

export async function receiveDone(relay: Relay, job: ReportedJob): Promise<JobResult> {
  const ignored = (reason: string): JobResult => {
    logOutcome(relay, { event: "webhook", run: job.run, step: job.step }, { kind: "ignored", reason });
    return { kind: "ignored", reason };
  };
  const configured = relay.pipelines.get(pipelineOfRunId(job.run) ?? "");
  if (configured === undefined || findStep(configured, job.step) === undefined) {
    return ignored("no pipeline has this run and this step");
  }
  const { run } = (await relay.store.load(configured.name)).state;
  const pipeline = pipelineOfRun(configured, run);
  const step = findStep(pipeline, job.step);
  if (step === undefined || run?.id !== job.run) return ignored(`run ${job.run} is not active`);
  const image = step.image === null ? null : imageName(targetOf(run, step.image));
  if (job.image !== null && job.image !== image) {
    return ignored(image === null ? "the step is a gate" : `the image of the step is ${image}`);
  }
  const { outcome } = await apply(relay, pipeline, eventOf(relay, pipeline, run, step, job));
  const about = { pipeline: pipeline.name, run: run.id, step: step.name };
  logOutcome(relay, { event: "webhook", ...about }, outcome);
  return { kind: "applied", result: { ...about, outcome } };
}

/** For a step with `done: pushed`, the registry still has to confirm the push. */
function eventOf(relay: Relay, pipeline: Pipeline, run: Run, step: Step, job: ReportedJob): Event {
  const { name, endedBy } = step;
  const attempt = findStepRun(run, name)?.attempts ?? 0;
  const ended = { kind: "buildEnded", runId: run.id, step: name, attempt, random: relay.random() } as const;
  if (job.conclusion === "failure") {
    const reason = `the job failed${job.url === null ? "" : `: ${job.url}`}`;
    return { ...ended, end: { kind: "failed", reason } };
  }
  if (endedBy === "builder") return { ...ended, end: { kind: "succeeded" } };
  const { digest } = job;
  const candidate = run.promotion === null ? {} : { candidateOf: run.id };
  return {
    kind: "imagePushed",
    step: name,
    ...candidate,
    ...(pipeline.configured === null || step.image === null ? {} : { image: imageName(step.image) }),
    digest,
    pushedAt: null,
    newRunId: newRunId(relay, pipeline),
  };
}
