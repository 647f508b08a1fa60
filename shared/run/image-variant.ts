// What an action has to know of its run to name the image of a step.
import type { ImageVariant } from "./event.ts";
import type { Run } from "./state.ts";

export function imageVariantIn({
  promotion,
  parameters,
}: Pick<Run, "promotion" | "parameters">): ImageVariant {
  return {
    ...(promotion === null ? {} : { isCandidate: true }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}
