// How fresh the images of a pipeline are, as far as the last look and the pushes since then tell.
import type { Freshness } from "../evidence/freshness.ts";
import { type ImageStep, imageSteps, type Pipeline } from "../pipeline/pipeline.ts";
import { findCompletion } from "./bases.ts";
import { pipelineOfRun } from "./run-parameters.ts";
import type { Look, PipelineState } from "./state.ts";

export type StepFreshness = Pick<Freshness, "state" | "since"> & { step: ImageStep; because: string };

export function freshnessOf(
  pipeline: Pipeline,
  look: Look,
  { completions, run }: Pick<PipelineState, "completions" | "run">,
): StepFreshness[] {
  return imageSteps(pipelineOfRun(pipeline, run)).map((step) => {
    const found = look.images.find((image) => image.step === step.name);
    const wasPushed = (findCompletion(completions, step.name)?.at ?? 0) > look.at;
    if (found !== undefined && !wasPushed) return { ...found, step };
    const because = found === undefined ? "" : "pushed since the last look";
    return { step, state: "fresh", since: null, because };
  });
}

/** The image that has been behind for the longest time; null if none is. */
export function mostBehind(images: readonly StepFreshness[]): StepFreshness | null {
  const behind = images.filter(({ state }) => state === "stale" || state === "behind");
  const since = (image: StepFreshness) => image.since ?? Number.POSITIVE_INFINITY;
  return behind.toSorted((one, other) => since(one) - since(other))[0] ?? null;
}
