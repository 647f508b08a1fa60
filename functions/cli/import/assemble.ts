// Makes pipelines of the builds that files describe: completes their names, and links them.
import { buildsOf, type ContextBuild, needsOf } from "./context-builds.ts";
import type { FilesView } from "./files-view.ts";
import { readReference } from "./image-reference.ts";
import {
  emptyTally,
  type Imported,
  type NamingOptions,
  type Note,
  note,
  placeholderNamespace,
} from "./imported.ts";
import { findNamespace } from "./namespace.ts";
import { pipelinesOf } from "./pipelines-of.ts";
import { taggedImages } from "./tagged-images.ts";

/** Images of `described` are as written: without a namespace, or without a tag. Null if none can be a step. */
export function assemble(
  described: readonly ContextBuild[],
  files: FilesView,
  options: NamingOptions,
  notes: Note[],
): Imported | null {
  const images = described.flatMap((build) => build.images);
  const bare = images.filter((image) => !image.includes("/") || image.includes("/?/"));
  const names = new Set(bare.map((image) => readReference(image).repository.split("/").at(-1) ?? ""));
  const needs = bare.length === 0 ? [] : described.flatMap((build) => needsOf(build, files));
  const namespace = bare.length === 0 ? null : findNamespace(names, images, needs, options, notes);
  const open: string[] = [];
  if (namespace?.isPlaceholder === true) {
    open.push(
      `the namespace ${placeholderNamespace} is a placeholder, as nothing tells the real one; set it with --namespace NAME`,
    );
  }
  const builds = described.map((build) => ({
    ...build,
    images: taggedImages(build, namespace?.name ?? null, options.tag, notes),
  }));
  const pushed = buildsOf(builds, files, notes);
  if (pushed.length === 0) return null;
  const owner =
    namespace?.isPlaceholder === true ? files.name : (options.namespace ?? namespace?.name ?? files.name);
  const imported = pipelinesOf(pushed, owner.split("/").at(-1) ?? owner, notes);
  const tally = imported.tally ?? emptyTally;
  for (const text of open) imported.notes.unshift(note(`TO DECIDE: ${text}`));
  return { ...imported, tally: { ...tally, open: [...open, ...tally.open] } };
}
