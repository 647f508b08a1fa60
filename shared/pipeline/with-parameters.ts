// The pipeline as it is in a run: with the tags that the run's parameters make.
import { fillInTag, type Parameters } from "../image/tag-parameters.ts";
import type { Pipeline, Step } from "./pipeline.ts";

/** May be given a pipeline with other parameters filled in. What has no value takes its default, or stays open. */
export function withParameters(pipeline: Pipeline, values: Parameters): Pipeline {
  if (Object.keys(pipeline.parameters).length === 0) return pipeline;
  const configured = pipeline.configured ?? pipeline.steps;
  const all = { ...defaultsOf(pipeline), ...values };
  const fillIn = (step: Step): Step =>
    step.image === null
      ? step
      : {
          ...step,
          image: fillInTag(step.image, all),
          tags: step.tags.map((image) => fillInTag(image, all)),
        };
  return { ...pipeline, configured, steps: configured.map(fillIn) };
}

export function defaultsOf({ parameters }: Pick<Pipeline, "parameters">): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}
