// What an action has to know of its run to name the image of a step.
import type { OfRun } from "./event.ts";
import type { Run } from "./state.ts";

export function ofRun({ promotion, parameters }: Pick<Run, "promotion" | "parameters">): OfRun {
  return {
    ...(promotion === null ? {} : { isCandidate: true }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}
