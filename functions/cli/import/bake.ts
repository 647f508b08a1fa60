// Imports bake files, whose targets can be contexts of other targets.

import { assemble } from "./assemble.ts";
import { type BakeFile, readBakeFile } from "./bake-file.ts";
import { type BakeTarget, bakeTargets } from "./bake-targets.ts";
import { type ContextBuild, pathIn } from "./context-builds.ts";
import type { FilesView } from "./files-view.ts";
import { isMap, textOrNull, type Value } from "./hcl/value.ts";
import {
  ImportError,
  type Imported,
  type NamingOptions,
  type Note,
  noSchedule,
  note,
  reasonsIn,
} from "./imported.ts";

export const expectedBake =
  'a bake file, such as target "base" { tags = ["acme/base:latest"] }, or the same in JSON';

export function importBake(content: string, files: FilesView, options: NamingOptions): Imported {
  const file = readBakeFile(content, expectedBake);
  const notes: Note[] = [];
  if (file.groups.size > 0) {
    notes.push(note("groups were not imported: targets that are built from one another form a pipeline"));
  }
  const builds = bakeBuilds(file, notes);
  const isTagged = builds.some(({ images }) => images.length > 0);
  // Where nothing is tagged, the names of the targets are all there is. By convention, others inherit from `_name`.
  const named = builds.map((build) =>
    isTagged || build.label.startsWith("_") ? build : { ...build, images: [build.label], isNamedHere: true },
  );
  const imported = assemble(named, files, options, notes);
  if (imported === null) {
    throw new ImportError(`expected targets with tags, found none${reasonsIn(notes)}; give them "tags"`);
  }
  imported.notes.push(note(`bake files have no schedule; ${noSchedule}`));
  return imported;
}

/** The builds of the targets. Their images are as written, also without a namespace. */
export function bakeBuilds(file: BakeFile, notes: Note[]): ContextBuild[] {
  return bakeTargets(file, notes).map(contextBuild);
}

function contextBuild({ name, attributes }: BakeTarget): ContextBuild {
  const text = (key: string): string | null => {
    const found = textOrNull(attributes.get(key) ?? null);
    return found === "" ? null : found;
  };
  const contexts = new Map(pairsOf(attributes.get("contexts")));
  // The main context can be a target, too.
  const context = text("context") ?? ".";
  const [, base] = /^target:(.+)$/.exec(context) ?? [];
  if (base !== undefined) contexts.set("", `target:${base}`);
  const folder = base === undefined ? context : ".";
  const tags = textsOf(attributes.get("tags"));
  return {
    label: name,
    images: tags.length > 0 ? tags : namesInOutput(attributes.get("output")),
    context: folder,
    path: pathIn(folder, text("dockerfile") ?? "Dockerfile"),
    inline: text("dockerfile-inline"),
    target: text("target"),
    args: new Map(pairsOf(attributes.get("args"))),
    contexts,
    platforms: textsOf(attributes.get("platforms")),
  };
}

/** `type=image,name=acme/base`, `type=image,"name=acme/base,acme/base:1"`, or a map of the same keys. */
function namesInOutput(value: Value | undefined): string[] {
  const names = itemsOf(value).flatMap((output) => {
    if (isMap(output)) return textOrNull(output.get("name") ?? null) ?? [];
    const [, quoted, plain] = /(?:^|,)(?:"name=([^"]+)"|name=([^,]+))/.exec(textOrNull(output) ?? "") ?? [];
    return quoted ?? plain ?? [];
  });
  return names.flatMap((name) => name.split(",").map((one) => one.trim())).filter((name) => name !== "");
}

function textsOf(value: Value | undefined): string[] {
  return itemsOf(value)
    .flatMap((item) => textOrNull(item) ?? [])
    .filter((text) => text !== "");
}

function itemsOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [value ?? null];
}

function pairsOf(value: Value | undefined): [string, string][] {
  const entries = value !== undefined && isMap(value) ? [...value] : [];
  return entries.flatMap(([name, item]): [string, string][] => {
    const text = textOrNull(item);
    return text === null ? [] : [[name, text]];
  });
}
