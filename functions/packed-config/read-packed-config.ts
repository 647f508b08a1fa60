// Reads a packed configuration: what every function needs at once, and a pipeline when it is asked for.
import { openSync, readFileSync, readSync } from "node:fs";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import type { Catalog } from "../../shared/relay/catalog.ts";
import { type Indexed, type IndexKind, indexKey, type PackedSettings, packedFiles } from "./packed-files.ts";
import { readIndex } from "./read-index.ts";

export type PackedConfig = { settings: PackedSettings; catalog: Catalog };

export function readPackedConfig(directory: URL): PackedConfig {
  const fileOf = (name: string) => new URL(name, directory);
  const settings: PackedSettings = JSON.parse(readFileSync(fileOf(packedFiles.settings), "utf8"));
  const index = readFileSync(fileOf(packedFiles.index));
  const lines = openSync(fileOf(packedFiles.pipelines), "r");
  const known = new Map<string, Pipeline>();

  const find = <Kind extends IndexKind>(kind: Kind, name: string): Indexed[Kind] | undefined => {
    const text = readIndex(index, indexKey(kind, name));
    return text === null ? undefined : JSON.parse(text);
  };
  const pipelineOf = (name: string): Pipeline | undefined => {
    const kept = known.get(name);
    if (kept !== undefined) return kept;
    const place = find("pipeline", name);
    if (place === undefined) return undefined;
    const [from, bytes] = place;
    const buffer = Buffer.alloc(bytes);
    readSync(lines, buffer, 0, bytes, from);
    const pipeline: Pipeline = JSON.parse(buffer.toString());
    known.set(name, pipeline);
    return pipeline;
  };
  const stepsOf = (kind: "image" | "project", name: string) =>
    find(kind, name)?.flatMap(([of, step]) => {
      const pipeline = pipelineOf(of);
      return pipeline === undefined ? [] : { pipeline, step };
    });
  const sourceOf = (name: string) => {
    const pipeline = pipelineOf(name);
    const source = pipeline?.source ?? null;
    return pipeline === undefined || source === null ? [] : { pipeline, source };
  };

  let all: ReadonlyMap<string, Pipeline> | null = null;
  /** For lists of all pipelines. */
  const readAll = (): ReadonlyMap<string, Pipeline> => {
    all ??= parseAll(readFileSync(fileOf(packedFiles.pipelines), "utf8"));
    return all;
  };
  return {
    settings,
    catalog: {
      pipelines: {
        get: (name) => all?.get(name) ?? pipelineOf(name),
        keys: () => readAll().keys(),
        values: () => readAll().values(),
      },
      images: { get: (name) => stepsOf("image", name) },
      projects: { get: (name) => stepsOf("project", name) },
      sources: { get: (name) => find("source", name)?.flatMap(sourceOf) },
    },
  };
}

function parseAll(lines: string): Map<string, Pipeline> {
  const pipelines: Pipeline[] = JSON.parse(`[${lines.trimEnd().replaceAll("\n", ",")}]`);
  return new Map(pipelines.map((pipeline) => [pipeline.name, pipeline]));
}
