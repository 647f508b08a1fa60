// What the relay knows of images is true: what it calls proven stands on its base, and what is contradicted is not done.
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { findStepRun, type Run, type StepRun } from "../../../shared/run/state.ts";
import { mustHold } from "./violation.ts";

export type LayersOf = (digest: string) => readonly string[];

export function createEvidenceChecks(layersOf: LayersOf) {
  const standsOn = (digest: string, base: string) => {
    const layers = layersOf(digest);
    return layersOf(base).every((layer, index) => layers[index] === layer);
  };

  return {
    checkStep: (run: Run, { name, state, pushed }: StepRun) => {
      for (const { base, digest, verdict } of pushed?.standsOn ?? []) {
        if (base.kind === "image" || digest === null || pushed === null) continue;
        const about = `${pushed.digest} of step ${name} in run ${run.id}`;
        mustHold(
          verdict !== "proven" || standsOn(pushed.digest, digest),
          () => `${about} is proven, but does not stand on ${digest}`,
        );
        mustHold(
          verdict !== "contradicted" || state !== "done",
          () => `${about} stands on an earlier version of ${base.step}, but counts`,
        );
      }
    },
    /** With `verify: required`, each step stands on what its base was pushed as in this run. */
    checkSuccess: (pipeline: Pipeline, run: Run) => {
      for (const step of pipeline.steps.filter(({ verify }) => verify === "required")) {
        const pushed = findStepRun(run, step.name)?.pushed ?? null;
        for (const name of step.after) {
          const base = findStepRun(run, name);
          if (findStepRun(run, step.name)?.state !== "done" || base?.state !== "done") continue;
          if (base.image === null) continue;
          const isOnBase =
            pushed !== null && base.pushed !== null && standsOn(pushed.digest, base.pushed.digest);
          mustHold(isOnBase, () => `run ${run.id} succeeded, but ${step.name} does not stand on its ${name}`);
        }
      }
    },
  };
}
