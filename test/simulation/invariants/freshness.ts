// What is fresh stands on what its bases are, and nothing that is fresh is built.
import { imageName } from "../../../shared/image/image.ts";
import { hasImage, type Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { findStepRun, type Run, type StepRun } from "../../../shared/run/state.ts";
import { mustHold } from "./violation.ts";

/** What a registry really has. */
export type Contents = {
  has: (image: string) => boolean;
  layersOf: (digest: string) => readonly string[];
  /** What look-ups have shown for the image since then. */
  shownSince: (image: string, since: number) => readonly string[];
  /** A request since then had no proper answer. */
  wasUnreadSince: (since: number) => boolean;
};

/** From the first request of a look to the save that follows, including retries of the store. */
const maxLookMs = 3 * 60_000;

export function createFreshnessChecks(contents: Contents, now: () => number) {
  const standsOn = (digest: string, base: string) => {
    const layers = contents.layersOf(digest);
    return contents.layersOf(base).every((layer, index) => layers[index] === layer);
  };

  /** The base is as it was pushed in this run or, if it was not, as its tag shows it. */
  const checkFresh = (pipeline: Pipeline, run: Run, { name, pushed }: StepRun) => {
    for (const { base, digest, verdict } of pushed?.standsOn ?? []) {
      // An image may carry an earlier version of a base that another base of it was built on.
      if (base.kind === "image" || digest === null || verdict === "unknown") continue;
      const step = pipeline.steps.find((other) => other.name === base.step);
      if (step === undefined || !hasImage(step)) continue;
      const shown = contents.shownSince(imageName(step.image), now() - maxLookMs);
      const baseRun = findStepRun(run, base.step);
      // What a webhook told is not kept in the run.
      if (baseRun?.state === "done" && baseRun.pushed === null) continue;
      const inRun = baseRun?.pushed?.digest;
      mustHold(
        digest === inRun || shown.includes(digest),
        () => `step ${name} of run ${run.id} is fresh, but ${base.step} is not ${digest}`,
      );
    }
  };

  /** Judged only where a step has one base whose contents are known, and where nothing changed or failed meanwhile. */
  const checkBuilt = (pipeline: Pipeline, run: Run, { name, image, state }: StepRun) => {
    if (image === null) return;
    const step = pipeline.steps.find((other) => other.name === name);
    const [base, ...others] = step?.after ?? [];
    const baseStep = pipeline.steps.find((other) => other.name === base);
    if (
      step === undefined ||
      baseStep === undefined ||
      !hasImage(baseStep) ||
      others.length + step.upstreams.length > 0
    )
      return;
    const since = now() - maxLookMs;
    const baseImage = imageName(baseStep.image);
    if (!contents.has(image) || !contents.has(baseImage) || contents.wasUnreadSince(since)) return;
    const [own, ...later] = contents.shownSince(image, since);
    const [below, ...laterBelow] = contents.shownSince(baseImage, since);
    if (own === undefined || below === undefined || later.length + laterBelow.length > 0) return;
    const baseRun = findStepRun(run, baseStep.name);
    // What a webhook told is not kept in the run.
    if (baseRun?.state === "done" && baseRun.pushed === null) return;
    const inRun = baseRun?.pushed?.digest ?? below;
    const isFresh = inRun === below && contents.layersOf(below).length > 0 && standsOn(own, below);
    mustHold(!isFresh, () => `step ${name} of run ${run.id} is ${state}, but ${image} is fresh`);
  };

  return {
    follow: (pipeline: Pipeline, run: Run, last: StepRun | undefined, stepRun: StepRun) => {
      if (last?.state !== "due" || last.phase !== "checking") return;
      if (stepRun.state === "fresh") checkFresh(pipeline, run, stepRun);
      const isBuilt = stepRun.state === "triggering" || stepRun.state === "due";
      if (isBuilt && !(stepRun.state === "due" && stepRun.phase === "checking")) {
        checkBuilt(pipeline, run, stepRun);
      }
    },
  };
}
