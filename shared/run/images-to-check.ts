// The images of a pipeline, and what they are built from, for a look at their freshness.
import type { ImageToCheck } from "../evidence/freshness.ts";
import { type Image, splitImageName } from "../image/image.ts";
import { hasUnfilledParameter } from "../image/tag-parameters.ts";
import { imageSteps, type Pipeline } from "../pipeline/pipeline.ts";
import { baseStepsOf, type Completions, findCompletion } from "./bases.ts";

export type StepToCheck = ImageToCheck & { pipeline: string; step: string };

/**
 * An image with a single base is taken to stand on it, unless nothing showed that when a run had just built it. If it has several,
 * it may only copy files from some.
 */
export function imagesToCheck(pipeline: Pipeline, completions: Completions = []): StepToCheck[] {
  // Before the first run, a step whose tag has a parameter without a default has no image.
  const steps = imageSteps(pipeline).filter(({ image }) => !hasUnfilledParameter(image));
  return steps.map((step) => {
    const { digest = null, standsOn: stoodOn = [] } = findCompletion(completions, step.name) ?? {};
    const before = baseStepsOf(pipeline, step).filter(({ image }) => !hasUnfilledParameter(image));
    const isSingle = before.length + step.upstreams.length === 1;
    const baseOf = (image: Image, key: string, name: ImageToCheck["bases"][number]["name"]) => {
      const last = stoodOn.find(({ base }) => (base.kind === "step" ? base.step : base.image) === key);
      const earlier = last?.digest == null || last.verdict === "unknown" ? [] : [last.digest];
      const proven =
        digest !== null && last?.digest != null && last.verdict === "proven"
          ? { imageDigest: digest, baseDigest: last.digest }
          : null;
      return { name, image, earlier, proven, isFrom: isSingle && last?.verdict !== "unknown" };
    };
    const stepBases = before.map(({ name, image }) => baseOf(image, name, { kind: "step", step: name }));
    const upstreams = step.upstreams.map((image) =>
      baseOf(splitImageName(image), image, { kind: "image", image }),
    );
    return {
      pipeline: pipeline.name,
      step: step.name,
      image: step.image,
      bases: [...stepBases, ...upstreams],
    };
  });
}
