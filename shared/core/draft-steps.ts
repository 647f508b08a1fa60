// Makes steps of either form of a pipeline, the sequence and the general one, and tells what is wrong with them.
import type { PipelineDocument } from "./config.ts";
import { didYouMean } from "./did-you-mean.ts";
import { expected } from "./expectation.ts";
import { type Image, imageName, normalizeRepository, parseImage } from "./image.ts";

export type Report = (path: readonly PropertyKey[], message: string) => void;
/** A step as it is written, before the pipeline's own settings are added; `path` is where it stands. */
export type Draft = { name: string; image: Image; after: string[]; path: PropertyKey[]; own: OwnSettings };
type OwnSettings = Partial<Omit<NonNullable<PipelineDocument["steps"]>[string], "image" | "after">>;

export function draftSteps(document: PipelineDocument, report: Report): Draft[] {
  if ((document.sequence === undefined) === (document.steps === undefined)) {
    const found = document.sequence === undefined ? "neither" : "both";
    report([], `expected either "sequence" or "steps", found ${found}`);
    return [];
  }
  const repository = document.image === undefined ? null : normalizeRepository(document.image);
  return document.sequence === undefined
    ? draftGraph(document.steps ?? {}, repository, report)
    : draftSequence(document.sequence, repository, report);
}

function draftSequence(
  sequence: NonNullable<PipelineDocument["sequence"]>,
  repository: string | null,
  report: Report,
): Draft[] {
  const drafts: Draft[] = [];
  let before: string[] = [];
  for (const [index, entry] of sequence.entries()) {
    const stage = typeof entry === "string" ? [entry] : entry;
    for (const [place, name] of stage.entries()) {
      const path = ["sequence", index, ...(typeof entry === "string" ? [] : [place])];
      const image = readImage(name, repository, path, report);
      if (image !== null) drafts.push({ name, image, after: before, path, own: {} });
    }
    before = stage;
  }
  return drafts;
}

function draftGraph(
  steps: NonNullable<PipelineDocument["steps"]>,
  repository: string | null,
  report: Report,
): Draft[] {
  const entries = Object.entries(steps);
  if (entries.length === 0) report(["steps"], "expected at least one step, found none");
  const names = entries.map(([name]) => name);
  return entries.flatMap(([name, step]) => {
    const path = ["steps", name];
    if (!/^[\w][\w.:/-]{0,199}$/.test(name)) {
      report(path, expected("a step's name of letters, digits, dots, dashes and underscores", name));
    }
    const after = step.after === undefined ? [] : [step.after].flat();
    for (const other of after) {
      if (!names.includes(other)) {
        const hint = didYouMean(
          other,
          names.filter((known) => known !== name),
        );
        report(
          [...path, "after"],
          `step ${JSON.stringify(name)} comes after unknown step ${JSON.stringify(other)}${hint}`,
        );
      }
    }
    const image = readImage(step.image, repository, [...path, "image"], report);
    return image === null ? [] : [{ name, image, after: [...new Set(after)], path, own: step }];
  });
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

/** A webhook names an image and nothing else, so an image stands for one step of a pipeline. */
export function reportRepeatedImages(drafts: readonly Draft[], report: Report): void {
  const seen = new Map<string, string>();
  for (const { name, image, path } of drafts) {
    const key = imageName(image);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, name);
    else
      report(
        path,
        `expected each image once in a pipeline, found ${key} twice (first as step ${JSON.stringify(first)})`,
      );
  }
}
