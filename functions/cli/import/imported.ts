// What an importer gives: pipelines as tagrelay.yaml would say them, and a note on each thing that it could not carry over.
import type { PipelineDocument } from "../../../shared/core/config.ts";

export type ImportedStep = {
  name: string;
  /** `namespace/repo:tag` */
  image: string;
  /** Names of steps. */
  after: readonly string[];
  /** Images from elsewhere that it is built from: `debian:bookworm`. */
  upstreams: readonly string[];
  trigger: PipelineDocument["trigger"] | null;
};

export type ImportedPipeline = {
  name: string;
  schedule: PipelineDocument["schedule"] | null;
  delay: string | null;
  steps: readonly ImportedStep[];
};

/** What a note is about: a step, a pipeline, or all of it. */
export type Note = { pipeline: string | null; step: string | null; text: string };
export type Imported = { pipelines: ImportedPipeline[]; notes: Note[] };
export type NamingOptions = { namespace: string | null; tag: string | null };

/** Nothing can be read: what was expected, what was found, and what to do. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

export function note(text: string, pipeline: string | null = null, step: string | null = null): Note {
  // What is quoted from a file must not end a comment, nor move the cursor of a terminal.
  return { pipeline, step, text: text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim() };
}

/** A text of a file, short enough for a line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** The name, or the name with a number, where it is taken already. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}-${number}`)) number += 1;
  return `${wanted}-${number}`;
}

/** A name that a pipeline may have, made of any text. */
export function pipelineName(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 50);
  return name === "" || name === "__proto__" ? "images" : name;
}
