// Checks what `promote: together` needs: builds that push the tag that they are given.
import { placeholdersPassedTo } from "../builders/builders.ts";
import { digestStepOf } from "../builders/placeholders.ts";
import { maxTagWithCandidate } from "../image/candidate.ts";
import { imageName } from "../image/image.ts";
import { imageSteps, type Pipeline } from "../pipeline/pipeline.ts";
import type { Path, Report } from "./report.ts";

function isOfBase(placeholder: string): boolean {
  return placeholder === "pins" || placeholder === "base" || digestStepOf(placeholder) !== null;
}

/** Where the trigger of a step is written. */
type TriggerPlaces = (step: string) => readonly Path[];

export function reportPromotion(
  pipeline: Pick<Pipeline, "steps">,
  triggerPlaces: TriggerPlaces,
  report: Report,
): void {
  for (const { name, image, tags, trigger, watch, after } of imageSteps(pipeline)) {
    if (watch) continue;
    const about = `for step ${JSON.stringify(name)} with "promote: together"`;
    const placeholders = placeholdersPassedTo(trigger);
    if (trigger.kind === "dockerhub") {
      report(
        ["promote"],
        `expected a trigger that can push another tag ${about}, found dockerhub, whose builds push the tags of their build rules`,
        triggerPlaces(name),
      );
    } else if (!placeholders.some((placeholder) => ["tag", "tags", "image"].includes(placeholder))) {
      report(
        ["promote"],
        `expected {image}, {tag} or {tags} in the trigger ${about}, found none; the build has to push the tag that it is given`,
        triggerPlaces(name),
      );
    }
    if (trigger.kind !== "dockerhub" && after.length > 0 && !placeholders.some(isOfBase)) {
      report(
        ["promote"],
        `expected {pins}, {base} or {digest:STEP} in the trigger ${about}, found none; without it, the build cannot know the candidates that it has to start from`,
        triggerPlaces(name),
      );
    }
    const elsewhere = tags.find(({ repository }) => repository !== image.repository);
    if (elsewhere !== undefined) {
      report(
        ["promote"],
        `expected tags of ${image.repository} ${about}, found ${imageName(elsewhere)}; a tag is moved within its repository`,
        [["image"], ["steps", name, "image"]],
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

/** Otherwise the build has to push all tags by itself, and has to know them. */
export function reportUnusedTags(
  pipeline: Pick<Pipeline, "steps">,
  triggerPlaces: TriggerPlaces,
  report: Report,
): void {
  for (const { name, tags, trigger, watch } of imageSteps(pipeline)) {
    if (watch || tags.length === 0 || placeholdersPassedTo(trigger).includes("tags")) continue;
    const found =
      trigger.kind === "dockerhub" ? "dockerhub, whose builds push the tags of their build rules" : "none";
    report(
      ["steps", name, "tags"],
      `expected {tags} in the trigger of step ${JSON.stringify(name)}, found ${found}`,
      triggerPlaces(name),
    );
  }
}
