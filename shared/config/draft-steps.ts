// Reads the steps of a pipeline from `sequence` or `steps`, and reports what is wrong with them.
import { type Image, imageName, normalizeRepository, parseImage } from "../image/image.ts";
import { didYouMean } from "../validation/did-you-mean.ts";
import { expected } from "../validation/expectation.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
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
  settings: Partial<Omit<StepDocument, "image" | "after" | "gate">>;
};

export function draftSteps(document: PipelineDocument, report: Report): StepDraft[] {
  const { sequence, steps, image } = document;
  const repository = image === undefined ? null : normalizeRepository(image);
  if (sequence !== undefined && steps === undefined) return draftSequence(sequence, repository, report);
  if (steps !== undefined && sequence === undefined) return draftGraph(steps, repository, report);
  report([], `expected either "sequence" or "steps", found ${sequence === undefined ? "neither" : "both"}`);
  return [];
}

function draftSequence(
  sequence: NonNullable<PipelineDocument["sequence"]>,
  repository: string | null,
  report: Report,
): StepDraft[] {
  const drafts: StepDraft[] = [];
  let after: string[] = [];
  for (const [index, entry] of sequence.entries()) {
    const stage = [entry].flat();
    for (const [place, name] of stage.entries()) {
      const path = ["sequence", index, ...(typeof entry === "string" ? [] : [place])];
      const image = readImage(name, repository, path, report);
      if (image !== null) drafts.push({ name, image, after, path, settings: {} });
    }
    after = stage;
  }
  return drafts;
}

function draftGraph(
  steps: Readonly<Record<string, StepDocument>>,
  repository: string | null,
  report: Report,
): StepDraft[] {
  const entries = Object.entries(steps);
  if (entries.length === 0) report(["steps"], "expected at least one step, found none");
  const names = entries.map(([name]) => name);
  return entries.flatMap(([name, step]) => {
    const path = ["steps", name];
    if (!/^[\w][\w.:/-]{0,199}$/.test(name)) {
      report(path, expected("a step's name of letters, digits, dots, dashes and underscores", name));
    }
    const after = [...new Set([step.after ?? []].flat())];
    reportUnknownSteps(name, after, names, report);
    const image = readOwnImage(step, repository, path, report);
    return image === "wrong" ? [] : [{ name, image, after, path, settings: step }];
  });
}

/** Null for a gate. */
function readOwnImage(
  step: StepDocument,
  repository: string | null,
  path: PropertyKey[],
  report: Report,
): Image | null | "wrong" {
  if (step.image !== undefined && step.gate === undefined) {
    return readImage(step.image, repository, [...path, "image"], report) ?? "wrong";
  }
  if (step.image === undefined && step.gate === true) return null;
  const found = step.image === undefined ? "neither" : "both";
  report(path, `expected either an image to build or "gate: true", found ${found}`);
  return "wrong";
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
    report(["steps", name, "after"], message);
  }
}

function readImage(
  text: string,
  repository: string | null,
  path: PropertyKey[],
  report: Report,
): Image | null {
  const parsed = parseImage(text, repository);
  if (parsed.kind === "image") return parsed.image;
  report(path, parsed.problem);
  return null;
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
