// Compiles `tags`: further tags that a step's build pushes.
import { type Image, imageName } from "../image/image.ts";
import type { StepDraft } from "./draft-steps.ts";
import { readImage } from "./read-image.ts";
import type { Report } from "./report.ts";

/** A tag alone is one of the step's own repository. */
export function compileTags(
  { settings, path }: StepDraft,
  image: Image,
  parameters: readonly string[],
  report: Report,
): Image[] {
  const { repository } = image;
  const tags = [settings.tags ?? []].flat().flatMap((text) => {
    return readImage(text, { repository, parameters, report, step: path }, [...path, "tags"]) ?? [];
  });
  const own = imageName(image);
  const names = new Set(tags.map(imageName));
  if (names.has(own)) report([...path, "tags"], `expected other tags than the image itself, found ${own}`);
  return tags.filter(
    (tag, index) => tags.findIndex((other) => imageName(other) === imageName(tag)) === index,
  );
}
