// Reads the steps of a pipeline from `sequence` or `steps`, and reports what is wrong with them.
import { type Image, imageName, normalizeRepository } from "../image/image.ts";
import { didYouMean } from "../validation/did-you-mean.ts";
import { expected } from "../validation/expectation.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import { type ReadContext, readImage } from "./read-image.ts";
import type { Report } from "./report.ts";

type StepDocument = NonNullable<PipelineDocument["steps"]>[string];

/** A step before the pipeline's settings and the defaults are filled in. */
export type StepDraft = {
  name: string;
  /** Null for a gate. */
  image: Image | null;
  after: string[];
  /** Its place in the document, for errors. */
  path: PropertyKey[];
  settings: Partial<Omit<StepDocument, "image" | "after" | "gate" | "matrix">>;
};

export function draftSteps(
  document: PipelineDocument,
  parameters: readonly string[],
  report: Report,
): StepDraft[] {
  const { sequence, steps, image } = document;
  const repository = image === undefined ? null : normalizeRepository(image);
  const context = { repository, parameters, report, step: [] };
  if (sequence !== undefined && steps === undefined) return draftSequence(sequence, context);
  if (steps !== undefined && sequence === undefined) return draftGraph(steps, context);
  const found = sequence === undefined ? "neither" : "both";
  report([], `expected either "sequence" or "steps", found ${found}`, [["sequence"], ["steps"]]);
  return steps === undefined ? [] : draftGraph(steps, context);
}

function draftSequence(
  sequence: NonNullable<PipelineDocument["sequence"]>,
  context: ReadContext,
): StepDraft[] {
  const drafts: StepDraft[] = [];
  let after: string[] = [];
  for (const [index, entry] of sequence.entries()) {
    const stage = [entry].flat();
    for (const [place, name] of stage.entries()) {
      const path = ["sequence", index, ...(typeof entry === "string" ? [] : [place])];
      const image = readImage(name, context, path) ?? unknownImage(name);
      drafts.push({ name, image, after, path, settings: {} });
    }
    after = stage;
  }
  return drafts;
}

function draftGraph(steps: Readonly<Record<string, StepDocument>>, context: ReadContext): StepDraft[] {
  const { report } = context;
  const entries = Object.entries(steps);
  if (entries.length === 0) report(["steps"], "expected at least one step, found none");
  const names = entries.map(([name]) => name);
  return entries.map(([name, step]) => {
    const path = ["steps", name];
    if (!/^[\w][\w.:/-]{0,199}$/.test(name)) {
      report(path, expected("a step's name of letters, digits, dots, dashes and underscores", name), [
        [...path, "matrix"],
      ]);
    }
    const after = [...new Set([step.after ?? []].flat())];
    reportUnknownSteps(name, after, names, report);
    const own = { ...context, step: path };
    return { name, image: readOwnImage(name, step, own, path), after, path, settings: step };
  });
}

/** In place of an image that is wrong, so that the rest of its step is checked. */
function unknownImage(step: string): Image {
  return { repository: `unknown/${step}`, tag: "unknown" };
}

/** Null for a gate. */
function readOwnImage(
  name: string,
  step: StepDocument,
  context: ReadContext,
  path: PropertyKey[],
): Image | null {
  if (step.image === undefined && step.gate === true) return null;
  if (step.image === undefined || step.gate !== undefined) {
    const found = step.image === undefined ? "neither" : "both";
    context.report(path, `expected either an image to build or "gate: true", found ${found}`, [
      [...path, "image"],
      [...path, "gate"],
    ]);
  }
  const image = step.image === undefined ? null : readImage(step.image, context, [...path, "image"]);
  return image ?? unknownImage(name);
}

function reportUnknownSteps(
  name: string,
  after: readonly string[],
  names: readonly string[],
  report: Report,
): void {
  const others = names.filter((other) => other !== name);
  for (const unknown of after.filter((other) => !names.includes(other))) {
    const message = `step ${JSON.stringify(name)} comes after unknown step ${JSON.stringify(unknown)}${didYouMean(unknown, others)}`;
    report(
      ["steps", name, "after"],
      message,
      // The names of the steps that a matrix makes are not known if it is wrong.
      others.filter((other) => unknown.startsWith(other)).map((other) => ["steps", other, "matrix"]),
    );
  }
}

/** A webhook names only the image, so within a pipeline an image has to identify its step. */
export function reportRepeatedImages(drafts: readonly StepDraft[], report: Report): void {
  const seen = new Map<string, string>();
  for (const { name, image, path } of drafts) {
    if (image === null) continue;
    const key = imageName(image);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, name);
      continue;
    }
    report(
      path,
      `expected each image once in a pipeline, found ${key} twice (first as step ${JSON.stringify(first)})`,
    );
  }
}

/** A further tag of a step must be no other step's, which would wait for its own push of it. */
export function reportRepeatedTags(
  steps: readonly { name: string; image: Image | null; tags: readonly Image[] }[],
  report: Report,
): void {
  const owners = new Map(
    steps.flatMap(({ name, image }) => (image === null ? [] : [[imageName(image), name]])),
  );
  for (const { name, tags } of steps) {
    for (const key of tags.map(imageName)) {
      const owner = owners.get(key);
      if (owner !== undefined && owner !== name) {
        report(
          ["steps", name, "tags"],
          `expected each tag once in a pipeline, found ${key} twice (first of step ${JSON.stringify(owner)})`,
        );
      }
      owners.set(key, name);
    }
  }
}
