// Packs a configuration for a function: see packed-files.ts.
import { namedOrigins } from "../../shared/config/named-origins.ts";
import { neededSecrets } from "../../shared/config/needed-secrets.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { catalogOf } from "../../shared/relay/catalog.ts";
import { type Indexed, type IndexKind, indexKey, type PackedSettings, packedFiles } from "./packed-files.ts";

/** More than a function reads ahead. */
const maxSecrets = 100;

/** The texts of the files, by name. */
export function packConfig(config: Config): Record<string, string> {
  const { pipelines, builds: _onOneMachine, buildProjects: _ofTheStack, ...others } = config;
  const secrets = new Set(neededSecrets(config).map(({ secret }) => secret));
  const settings: PackedSettings = {
    ...others,
    secrets: [...secrets].slice(0, maxSecrets),
    origins: [...new Set(namedOrigins(config))],
  };
  const lines = pipelines.map((pipeline) => `${JSON.stringify(pipeline)}\n`);
  return {
    [packedFiles.settings]: JSON.stringify(settings),
    [packedFiles.pipelines]: lines.join(""),
    [packedFiles.index]: packIndex(config, lines),
  };
}

function packIndex({ pipelines }: Config, lines: readonly string[]): string {
  const entries: { key: Buffer; value: string }[] = [];
  const add = <Kind extends IndexKind>(kind: Kind, name: string, value: Indexed[Kind]) =>
    entries.push({ key: indexKey(kind, name), value: JSON.stringify(value) });

  let from = 0;
  for (const [at, { name }] of pipelines.entries()) {
    const bytes = Buffer.byteLength(lines[at] ?? "");
    add("pipeline", name, [from, bytes]);
    from += bytes;
  }
  const { images, sources, projects } = catalogOf(pipelines);
  for (const [name, steps] of images) add("image", name, steps.map(nameStep));
  for (const [name, steps] of projects) add("project", name, steps.map(nameStep));
  for (const [name, found] of sources)
    add(
      "source",
      name,
      found.map(({ pipeline }) => pipeline.name),
    );
  const sorted = entries.sort((a, b) => Buffer.compare(a.key, b.key));
  return sorted.map(({ key, value }) => `${key.toString()}\t${value}\n`).join("");
}

function nameStep({ pipeline, step }: { pipeline: { name: string }; step: string }) {
  return [pipeline.name, step] as const;
}
