// Ends that builders tell: a command's step is done by its builder's word alone, and a failure that is told counts once.
import type { BuildEnd } from "../../shared/core/event.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { Run, StepRun } from "../../shared/core/run.ts";
import { demand } from "./demand.ts";

type Build = { runId: string; step: string; attempt: number };

export type BuildEnds = {
  /** A builder tells of an end. */
  onTold: (build: Build, end: BuildEnd) => void;
  /** It has changed the build's run. */
  onTaken: (build: Build, end: BuildEnd) => void;
  isTold: (run: Run, step: StepRun, kind: BuildEnd["kind"]) => boolean;
  /** Follows a step from one save to the next. */
  follow: (run: Run, pipeline: Pipeline | undefined, last: StepRun | undefined, step: StepRun) => void;
};

export function createBuildEnds(): BuildEnds {
  const told = new Set<string>();
  const taken = new Set<string>();
  /** The attempts that a step had before it was triggered for the first time. */
  const attemptsBefore = new Map<string, number>();
  const keyOf = ({ runId, step, attempt }: Build) => `${runId} ${step} ${attempt}`;
  const buildOf = ({ id }: Run, { name, attempts }: StepRun) => ({
    runId: id,
    step: name,
    attempt: attempts,
  });

  return {
    onTold: (build, { kind }) => void told.add(`${keyOf(build)} ${kind}`),
    onTaken: (build, { kind }) => {
      if (kind === "failed") taken.add(keyOf(build));
    },
    isTold: (run, step, kind) => told.has(`${keyOf(buildOf(run, step))} ${kind}`),
    follow: (run, pipeline, last, step) => {
      const settings = pipeline?.steps.find(({ name }) => name === step.name);
      const key = keyOf(buildOf(run, step));
      if (step.triggeredAt !== null && last?.triggeredAt !== step.triggeredAt) {
        attemptsBefore.set(`${run.id} ${step.name}`, step.attempts - 1);
      }
      const isWaitedFor = step.state === "triggering" || step.state === "building";
      demand(
        !isWaitedFor || !taken.has(key),
        () => `step ${step.name} of run ${run.id} is ${step.state}, and build ${step.attempts} has failed`,
      );
      if (last === undefined || last.state === step.state || settings === undefined) return;
      demand(
        step.state !== "done" || settings.endedBy === "push" || told.has(`${key} succeeded`),
        () => `step ${step.name} of run ${run.id} is done, and its builder has not said so`,
      );
      const builds = step.attempts - (attemptsBefore.get(`${run.id} ${step.name}`) ?? 0);
      const isByWord = step.state === "failed" && step.reason === "the build failed";
      demand(
        !isByWord || builds > settings.retries,
        () =>
          `step ${step.name} of run ${run.id} fails after ${builds} builds, with ${settings.retries} retries`,
      );
    },
  };
}
