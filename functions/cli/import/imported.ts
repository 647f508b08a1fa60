// The result of an importer: pipelines in the terms of tagrelay.yaml, and notes on what was not imported.
import type { ConfigDocument } from "../../../shared/config/grammar.ts";
import type { PipelineInput } from "../../../shared/config/pipeline-grammar.ts";
import type { Recipe } from "./recipe.ts";

export type ImportedStep = {
  name: string;
  /** `namespace/repo:tag` */
  image: string;
  /** Names of steps. */
  after: readonly string[];
  /** Images from elsewhere that it is built from: `debian:bookworm`. */
  upstreams: readonly string[];
  /** The image that it stands on, if that is known; null for none. */
  base?: string | null;
  trigger: PipelineInput["trigger"] | null;
  /** How it is built, if that is known. */
  recipe?: Recipe | null;
  /** Images of FROM lines that are other steps' under another name: `name` stands for `image`. */
  replaces?: readonly { name: string; image: string }[];
  /** The name in the source. */
  label?: string;
};

export type ImportedPipeline = {
  name: string;
  schedule: PipelineInput["schedule"] | null;
  delay: string | null;
  /** The repository whose pushes start runs, if that is known. */
  source?: PipelineInput["source"];
  steps: readonly ImportedStep[];
};

/** About a step, about a pipeline if `step` is null, or about the whole import. */
export type Note = { pipeline: string | null; step: string | null; text: string };
export type Imported = { pipelines: ImportedPipeline[]; notes: Note[]; tally?: Tally; builds?: Builds };
/** What the stack creates to build with. */
export type Builds = { codebuild: NonNullable<ConfigDocument["codebuild"]> };
export type NamingOptions = {
  namespace: string | null;
  tag: string | null;
  /** Also what lies in folders of tests and examples. */
  withTests?: boolean;
};

/** What became of the images of a tree, for the summary. */
export type Tally = {
  /** FROM lines that look like images of the tree. */
  own: number;
  /** Those of them for which no image was found. */
  lost: readonly string[];
  /** What was left out on purpose, such as Dockerfiles of tests. */
  leftOut: readonly string[];
  /** What a person has to decide before the result can be used. */
  open: readonly string[];
};

/** For an import of what has no FROM lines. */
export const emptyTally: Tally = { own: 0, lost: [], leftOut: [], open: [] };

/** Stands in for a namespace that nothing tells. */
export const placeholderNamespace = "your-namespace";

/** The source cannot be imported; the message says what to do. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

export function note(text: string, pipeline: string | null = null, step: string | null = null): Note {
  // Quoted text must not end the comment in the YAML, or move the cursor of a terminal.
  return { pipeline, step, text: text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim() };
}

/** The notes as the end of an error message. */
export function reasonsIn(notes: readonly Note[]): string {
  return notes.map(({ text }) => `; ${text}`).join("");
}

export const noSchedule = "add one, such as schedule: { every: 24h }";

/** Quotes and shortens text of a source. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Appends a number if the name is taken. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}-${number}`)) number += 1;
  return `${wanted}-${number}`;
}

/** Makes a valid pipeline name of any text. */
export function pipelineName(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 50);
  return name === "" || name === "__proto__" ? "images" : name;
}
