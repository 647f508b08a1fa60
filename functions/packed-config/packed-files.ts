// The files that a configuration is packed into, next to a function's code, so that a function with ten thousand pipelines
// starts as fast as one with a single pipeline: it parses only those that it is asked for.
import type { Config } from "../../shared/pipeline/pipeline.ts";

export const packedFiles = {
  /** What every function needs: the configuration without its pipelines. */
  settings: "config.json",
  /** A pipeline in each line, in the order of the configuration. */
  pipelines: "pipelines.jsonl",
  /** Where things are: lines of a key, a tab and a value in JSON, sorted by the bytes of the key. */
  index: "index.txt",
} as const;

export type PackedSettings = Omit<Config, "pipelines" | "builds" | "buildProjects"> & {
  /** The names of the secrets that will be needed first. */
  secrets: string[];
  /** The origins that requests may go to. */
  origins: string[];
};

/** The values in the index, by the kind of key. */
export type Indexed = {
  /** The first byte of the pipeline's line, and its number of bytes. */
  pipeline: readonly [from: number, bytes: number];
  image: (readonly [pipeline: string, step: string])[];
  source: string[];
  project: (readonly [pipeline: string, step: string])[];
};

export type IndexKind = keyof Indexed;

/** A key contains no tab and no line break, whatever the name. */
export function indexKey(kind: IndexKind, name: string): Buffer {
  return Buffer.from(`${kind} ${JSON.stringify(name)}`);
}
