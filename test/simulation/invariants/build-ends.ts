// Checks reported build ends: only its builder can complete a command's step, and a reported failure counts once.

import type { BuildEnd } from "../../../shared/kinds/builder.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import type { Run, StepRun } from "../../../shared/run/state.ts";
import { mustHold } from "./violation.ts";

type Build = { runId: string; step: string; attempt: number };

export type BuildEndChecks = {
  /** A builder sends a report. */
  onReported: (build: Build, end: BuildEnd) => void;
  /** The report changed the build's run. */
  onApplied: (build: Build, end: BuildEnd) => void;
  isReported: (run: Run, step: StepRun, kind: BuildEnd["kind"]) => boolean;
  /** Follows a step from one save to the next. */
  follow: (run: Run, pipeline: Pipeline | undefined, last: StepRun | undefined, step: StepRun) => void;
};

export function createBuildEndChecks(): BuildEndChecks {
  const reported = new Set<string>();
  const failed = new Set<string>();
  /** The attempts of a step before it was first triggered in this pass. */
  const attemptsBefore = new Map<string, number>();
  const keyOf = ({ runId, step, attempt }: Build) => `${runId} ${step} ${attempt}`;
  const buildOf = ({ id }: Run, { name, attempts }: StepRun) => ({
    runId: id,
    step: name,
    attempt: attempts,
  });

  return {
    onReported: (build, { kind }) => void reported.add(`${keyOf(build)} ${kind}`),
    onApplied: (build, { kind }) => {
      if (kind === "failed") failed.add(keyOf(build));
    },
    isReported: (run, step, kind) => reported.has(`${keyOf(buildOf(run, step))} ${kind}`),
    follow: (run, pipeline, last, step) => {
      const configured = pipeline?.steps.find(({ name }) => name === step.name);
      const key = keyOf(buildOf(run, step));
      // A step whose image was refuted is triggered as if for the first time, but has used up a retry.
      if (step.triggeredAt !== null && last?.triggeredAt !== step.triggeredAt && step.retriesUsed === 0) {
        attemptsBefore.set(`${run.id} ${step.name}`, step.attempts - 1);
      }
      const isAwaited = step.state === "triggering" || step.state === "building";
      mustHold(
        !isAwaited || !failed.has(key),
        () => `step ${step.name} of run ${run.id} is ${step.state}, although build ${step.attempts} failed`,
      );
      if (last === undefined || last.state === step.state || configured === undefined) return;
      if (configured.trigger.kind === "approval") return;
      mustHold(
        step.state !== "done" || configured.endedBy === "push" || reported.has(`${key} succeeded`),
        () => `step ${step.name} of run ${run.id} is done, but its builder did not report success`,
      );
      const builds = step.attempts - (attemptsBefore.get(`${run.id} ${step.name}`) ?? 0);
      const isReportedFailure = step.state === "failed" && step.reason === "the build failed";
      mustHold(
        !isReportedFailure || builds > configured.retries,
        () =>
          `step ${step.name} of run ${run.id} failed after ${builds} builds, with ${configured.retries} retries`,
      );
    },
  };
}
