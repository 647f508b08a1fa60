// What a step's image is built from: what the steps before it were pushed as, and its upstreams.
import type { ExpectedBase } from "../evidence/evidence.ts";
import { imageName, splitImageName } from "../image/image.ts";
import type { PinnedBase } from "../kinds/builder.ts";
import { findStep, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { type Completion, findStepRun, isSettled, type Run } from "./state.ts";

export type Completions = readonly Completion[];

export function findCompletion(completions: Completions, step: string): Completion | undefined {
  return completions.find((completion) => completion.step === step);
}

/** What the step was pushed as in this run or, if it is not part of it, in an earlier one; null if that is not known. */
function digestOf(run: Pick<Run, "steps"> | null, completions: Completions, step: string): string | null {
  const stepRun = findStepRun(run, step);
  const known = findCompletion(completions, step)?.digest ?? null;
  return stepRun !== undefined && isSettled(stepRun) ? (stepRun.pushed?.digest ?? known) : known;
}

/** All steps that come before the step. `isDirect` marks those that it comes right after. */
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
  return pipeline.steps
    .filter(({ name }) => before.has(name))
    .map(({ name, image }) => {
      const digest = digestOf(run, completions, name);
      return {
        step: name,
        image: imageName(image),
        digest,
        pinned: digest === null ? imageName(image) : `${image.repository}@${digest}`,
        isDirect: step.after.includes(name),
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
  const steps = step.after.flatMap((name): ExpectedBase[] => {
    const base = findStep(pipeline, name);
    if (base === undefined) return [];
    const digest = digestOf(run, completions, name);
    const before = findStepRun(run, name)?.digestBefore;
    const lastOn = stoodOn.find((last) => last.base.kind === "step" && last.base.step === name);
    const earlier = earlierDigests([before, lastOn?.digest], digest);
    return [{ name: { kind: "step", step: name }, image: base.image, digest, earlier }];
  });
  const upstreams = step.upstreams.map((image): ExpectedBase => {
    const lastOn = stoodOn.find((last) => last.base.kind === "image" && last.base.image === image);
    const earlier = earlierDigests([lastOn?.digest], null);
    return { name: { kind: "image", image }, image: splitImageName(image), digest: null, earlier };
  });
  return [...steps, ...upstreams];
}

/** The same for a look at whether the step is fresh: a base that is not part of the run counts as what its tag is now. */
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
