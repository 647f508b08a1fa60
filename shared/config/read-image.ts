// Reads the images of steps, whose tags may contain parameters of a run: acme/base:{version}.
import { type Image, parseImage } from "../image/image.ts";
import { fillInParameters, hasUnfilledParameter, parametersIn } from "../image/tag-parameters.ts";
import type { Path, Report } from "./report.ts";

export type ReadContext = {
  repository: string | null;
  parameters: readonly string[];
  report: Report;
  /** The place of the step, whose matrix may have been meant to fill in a parameter. */
  step: Path;
};

export function readImage(
  text: string,
  { repository, parameters, report, step }: ReadContext,
  path: PropertyKey[],
): Image | null {
  const names = parametersIn(text);
  const unknown = names.find((name) => !parameters.includes(name));
  if (unknown !== undefined) {
    const known = parameters.length === 0 ? "it has none" : `these are: ${parameters.join(", ")}`;
    report(path, `expected a parameter of the pipeline, found "{${unknown}}"; ${known}`, [
      [...step, "matrix", unknown],
      ["parameters", unknown],
      ["source", "tags"],
    ]);
    return null;
  }
  // Any value makes it a name that can be checked.
  const parsed = parseImage(
    fillInParameters(text, Object.fromEntries(names.map((name) => [name, "0"]))),
    repository,
  );
  if (parsed.kind === "problem") {
    report(path, parsed.problem, /[:/]/.test(text) ? [] : [["image"]]);
    return null;
  }
  const tagAt = Math.max(text.lastIndexOf(":"), text.lastIndexOf("/")) + 1;
  if (hasUnfilledParameter({ repository: "", tag: text.slice(0, tagAt) })) {
    report(path, `expected parameters in the tag only, found ${JSON.stringify(text)}`);
    return null;
  }
  return names.length === 0 ? parsed.image : { repository: parsed.image.repository, tag: text.slice(tagAt) };
}
