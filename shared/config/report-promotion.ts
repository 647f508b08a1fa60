// Checks what `promote: together` needs: builds that push the tag that they are given.
import { placeholdersOfTrigger } from "../builders/builders.ts";
import { digestStepOf } from "../builders/placeholders.ts";
import { maxTagWithCandidate } from "../image/candidate.ts";
import { imageSteps, type Pipeline } from "../pipeline/pipeline.ts";
import type { Report } from "./report.ts";

function isOfBase(placeholder: string): boolean {
  return placeholder === "pins" || placeholder === "base" || digestStepOf(placeholder) !== null;
}

export function reportPromotion(pipeline: Pick<Pipeline, "steps">, report: Report): void {
  for (const { name, image, trigger, watch, after } of imageSteps(pipeline)) {
    if (watch) continue;
    const about = `for step ${JSON.stringify(name)} with "promote: together"`;
    const placeholders = placeholdersOfTrigger(trigger);
    if (trigger.kind === "dockerhub") {
      report(
        ["promote"],
        `expected a trigger that can push another tag ${about}, found dockerhub, whose builds push the tags of their build rules`,
      );
    } else if (!placeholders.includes("tag") && !placeholders.includes("image")) {
      report(
        ["promote"],
        `expected {image} or {tag} in the trigger ${about}, found neither; the build has to push the tag that it is given`,
      );
    }
    if (trigger.kind !== "dockerhub" && after.length > 0 && !placeholders.some(isOfBase)) {
      report(
        ["promote"],
        `expected {pins}, {base} or {digest:STEP} in the trigger ${about}, found none; without it, the build cannot know the candidates that it has to start from`,
      );
    }
    if (image.tag.length > maxTagWithCandidate) {
      report(
        ["promote"],
        `expected a tag of at most ${maxTagWithCandidate} characters ${about}, found ${image.tag.length}; the name of the run is added to it`,
      );
    }
  }
}
