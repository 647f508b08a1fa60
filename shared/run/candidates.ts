// What the builds of a run push: the tags themselves or, with `promote: together`, candidates that nobody pulls by accident.
import { candidateOf } from "../image/candidate.ts";
import type { Image } from "../image/image.ts";
import { endOfRunId } from "./run-id.ts";
import type { Run } from "./state.ts";

export function targetOf({ id, promotion }: Pick<Run, "id" | "promotion">, image: Image): Image {
  return promotion === null ? image : candidateOfRun(image, id);
}

export function candidateOfRun(image: Image, runId: string): Image {
  return candidateOf(image, endOfRunId(runId));
}
