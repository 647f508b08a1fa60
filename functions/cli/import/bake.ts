// Imports docker-bake.json, whose targets can be contexts of other targets.
import * as z from "zod";
import { buildsOf, type ContextBuild } from "./context-builds.ts";
import { expandVariables } from "./expand-variables.ts";
import type { FilesView } from "./files-view.ts";
import {
  ImportError,
  type Imported,
  type NamingOptions,
  type Note,
  noSchedule,
  note,
  quote,
  reasonsIn,
} from "./imported.ts";
import { pipelinesOf } from "./pipelines-of.ts";
import { readJson } from "./read-document.ts";
import { taggedImages } from "./tagged-images.ts";

const text = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const target = z.object({
  inherits: z.union([z.string(), z.array(z.string())]).optional(),
  tags: z.array(z.string()).optional(),
  context: z.string().optional(),
  dockerfile: z.string().optional(),
  "dockerfile-inline": z.string().optional(),
  target: z.string().optional(),
  args: z.record(z.string(), text).optional(),
  contexts: z.record(z.string(), z.string()).optional(),
  matrix: z.unknown().optional(),
});
type Target = z.infer<typeof target>;
const bakeFile = z.object({
  target: z.record(z.string(), target),
  group: z.record(z.string(), z.unknown()).optional(),
  variable: z.record(z.string(), z.object({ default: z.unknown().optional() })).optional(),
});

export function importBake(content: string, files: FilesView, options: NamingOptions): Imported {
  const expected = 'a bake file in JSON, such as { "target": { "base": { "tags": ["acme/base:latest"] } } }';
  const file = readJson(content, bakeFile, expected);
  const targets = new Map(Object.entries(file.target));
  const variables = new Map<string, string>();
  for (const [name, { default: value }] of Object.entries(file.variable ?? {})) {
    if (typeof value === "string" || typeof value === "number") variables.set(name, String(value));
  }
  const notes: Note[] = [];
  if (file.group !== undefined) {
    notes.push(note("groups were not imported: targets that are built from one another form a pipeline"));
  }
  const builds = [...targets].map(([name, own]) => {
    if (own.matrix !== undefined) {
      notes.push(note(`${name}: the matrix was not imported; add a step by hand for each of its targets`));
    }
    return contextBuild(name, inherit(name, targets, []), variables, options.namespace, notes);
  });
  const pushed = buildsOf(builds, files, notes);
  if (pushed.length === 0) {
    throw new ImportError(`expected targets with tags, found none${reasonsIn(notes)}; give them "tags"`);
  }
  notes.push(note(`bake files have no schedule; ${noSchedule}`));
  return pipelinesOf(pushed, options.namespace ?? files.name, notes);
}

/** Later parents override earlier ones, and the target's own settings override all of them. */
function inherit(name: string, targets: ReadonlyMap<string, Target>, below: readonly string[]): Target {
  const own = targets.get(name);
  if (own === undefined) {
    throw new ImportError(
      `expected a target, found that ${quote(below.at(-1) ?? "")} inherits from ${quote(name)}, which does not exist`,
    );
  }
  if (below.includes(name)) {
    const circle = [...below.slice(below.indexOf(name)), name].map(quote).join(" → ");
    throw new ImportError(
      `expected targets without circular inheritance, found a cycle in which each inherits from the next: ${circle}`,
    );
  }
  const parents = [own.inherits ?? []].flat().map((parent) => inherit(parent, targets, [...below, name]));
  const chain = [...parents, own];
  return {
    ...Object.assign({}, ...chain),
    args: Object.assign({}, ...chain.map(({ args }) => args)),
    contexts: Object.assign({}, ...chain.map(({ contexts }) => contexts)),
  };
}

function contextBuild(
  label: string,
  merged: Target,
  variables: ReadonlyMap<string, string>,
  namespace: string | null,
  notes: Note[],
): ContextBuild {
  const expand = (value: string) => expandVariables(value, variables).text;
  const contexts = Object.entries(merged.contexts ?? {}).map(([name, value]): [string, string] => [
    name,
    expand(value),
  ]);
  // The main context can be a target, too.
  const [, base] = /^target:(.+)$/.exec(merged.context ?? "") ?? [];
  if (base !== undefined) contexts.push(["", `target:${base}`]);
  const args = Object.entries(merged.args ?? {}).flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, expand(String(value))]],
  );
  const images = taggedImages(label, (merged.tags ?? []).map(expand), namespace, notes);
  return {
    label,
    images,
    context: base === undefined ? expand(merged.context ?? ".") : ".",
    dockerfile: expand(merged.dockerfile ?? "Dockerfile"),
    inline: merged["dockerfile-inline"] ?? null,
    target: merged.target ?? null,
    args: new Map(args),
    contexts: new Map(contexts),
  };
}
