// The build of a step whose builder can be asked how it ended.
import { canLookUp } from "../builders/builders.ts";
import type { BuildReference } from "../kinds/builder.ts";
import type { Step } from "../pipeline/pipeline.ts";
import type { StepRun } from "./state.ts";

/** Null if there is none, or nobody can tell. */
export function buildToLookUp({ state, build }: StepRun, step: Step | undefined): BuildReference | null {
  return state === "building" && step !== undefined && canLookUp(step.trigger) ? build : null;
}
