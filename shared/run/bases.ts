// What a step's image is built from: what the steps before it were pushed as, and its upstreams.
import type { ExpectedBase } from "../evidence/evidence.ts";
import { imageName, splitImageName } from "../image/image.ts";
import type { PinnedBase } from "../kinds/builder.ts";
import { createFinder } from "../pipeline/create-finder.ts";
import {
  findStep,
  hasImage,
  type ImageStep,
  imageSteps,
  type Pipeline,
  type Step,
} from "../pipeline/pipeline.ts";
import { targetOf } from "./candidates.ts";
import { type Completion, findStepRun, isSettled, type Run } from "./state.ts";

export type Completions = readonly Completion[];

export function findCompletion(completions: Completions, step: string): Completion | undefined {
  return findByStep(completions, step);
}

const findByStep = createFinder<Completion>(({ step }) => step);

/** The steps whose images the step is built from. What comes after a gate is built from what comes before it. */
export function baseStepsOf(pipeline: Pipeline, { after }: Step): ImageStep[] {
  const found = after.flatMap((name): ImageStep[] => {
    const base = findStep(pipeline, name);
    if (base === undefined) return [];
    return hasImage(base) ? [base] : baseStepsOf(pipeline, base);
  });
  return [...new Set(found)];
}

/** What the step was pushed as in this run or, if this run has not settled it, in an earlier one; null if that is not known. */
export function digestOf(run: Run, completions: Completions, step: string): string | null {
  const stepRun = findStepRun(run, step);
  // What is recorded of its tag is from before this run.
  if (run.promotion !== null && stepRun?.state === "done") return stepRun.pushed?.digest ?? null;
  const known = findCompletion(completions, step)?.digest ?? null;
  return stepRun !== undefined && isSettled(stepRun) ? (stepRun.pushed?.digest ?? known) : known;
}

/** All steps with an image that come before the step. `isDirect` marks those with no other image in between. */
export function pinnedBasesOf(
  pipeline: Pipeline,
  run: Run,
  completions: Completions,
  step: Step,
): PinnedBase[] {
  const before = new Set(step.after);
  for (const { name, after } of pipeline.steps.toReversed()) {
    if (before.has(name)) for (const earlier of after) before.add(earlier);
  }
  const direct = baseStepsOf(pipeline, step);
  return imageSteps(pipeline)
    .filter(({ name }) => before.has(name))
    .map((base) => {
      const { name, image } = base;
      const digest = digestOf(run, completions, name);
      const isBuilt = findStepRun(run, name)?.state === "done";
      const pushed = isBuilt ? targetOf(run, image) : image;
      return {
        step: name,
        image: imageName(image),
        digest,
        pinned: digest === null ? imageName(pushed) : `${image.repository}@${digest}`,
        isDirect: direct.includes(base),
      };
    });
}

/** What the step's image should stand on. */
export function expectedBasesOf(
  pipeline: Pipeline,
  run: Run,
  completions: Completions,
  step: Step,
): ExpectedBase[] {
  const stoodOn = findCompletion(completions, step.name)?.standsOn ?? [];
  const steps = baseStepsOf(pipeline, step).map(({ name, image }): ExpectedBase => {
    const digest = digestOf(run, completions, name);
    const stepRun = findStepRun(run, name);
    const lastOn = stoodOn.find((last) => last.base.kind === "step" && last.base.step === name);
    const earlier = earlierDigests([stepRun?.digestBefore, lastOn?.digest], digest);
    const base: ExpectedBase = { name: { kind: "step", step: name }, image, digest, earlier };
    if (run.promotion === null || stepRun?.state !== "done") return base;
    // The tag itself is still what it was before.
    return { ...base, candidate: targetOf(run, image).tag, earlier: [...earlier, image.tag] };
  });
  const upstreams = step.upstreams.map((image): ExpectedBase => {
    const lastOn = stoodOn.find((last) => last.base.kind === "image" && last.base.image === image);
    const earlier = earlierDigests([lastOn?.digest], null);
    return { name: { kind: "image", image }, image: splitImageName(image), digest: null, earlier };
  });
  return [...steps, ...upstreams];
}

/** The same, but a base that this run has not settled counts as what its tag is now, and what is recorded of it as earlier. */
export function basesNow(pipeline: Pipeline, run: Run, completions: Completions, step: Step): ExpectedBase[] {
  return expectedBasesOf(pipeline, run, completions, step).map((base) => {
    const stepRun = base.name.kind === "step" ? findStepRun(run, base.name.step) : undefined;
    if (base.digest === null || (stepRun !== undefined && isSettled(stepRun))) return base;
    return { ...base, digest: null, earlier: [...new Set([...base.earlier, base.digest])] };
  });
}

function earlierDigests(digests: readonly (string | null | undefined)[], current: string | null): string[] {
  const known = digests.filter((digest) => digest?.startsWith("sha256:") && digest !== current);
  return [...new Set(known.map(String))];
}
