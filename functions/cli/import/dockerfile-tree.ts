// Imports a folder with Dockerfiles: bake files, workflows and the like name its images, and FROM lines give the order.

import { posix } from "node:path";
import { assemble } from "./assemble.ts";
import type { ContextBuild } from "./context-builds.ts";
import { type Need, readDockerfile } from "./dockerfile.ts";
import type { FilesView } from "./files-view.ts";
import { repositoryNameOf } from "./image-reference.ts";
import {
  emptyTally,
  ImportError,
  type Imported,
  type NamingOptions,
  type Note,
  noSchedule,
  note,
  quote,
  reasonsIn,
} from "./imported.ts";
import { chooseBuilds } from "./tree/choose-builds.ts";
import { applyConfigPy } from "./tree/config-py-of-tree.ts";
import { describeTree } from "./tree/describe.ts";
import { isDockerfile, plainTemplates, variantOf } from "./tree/dockerfile-names.ts";
import { nameByFolder } from "./tree/name-by-folder.ts";
import { isSideVariant, isTemplate, sideReason } from "./tree/side-files.ts";

type Found = { path: string; needs: readonly Need[] };
type LeftOut = Map<string, string[]>;

export function importDockerfiles(files: FilesView, options: NamingOptions): Imported {
  const notes: Note[] = [];
  const paths = files.paths();
  const leftOut: LeftOut = new Map();
  const found = readDockerfiles(files, dockerfilesIn(paths), leftOut, notes);
  const described = describeTree(
    files,
    paths,
    found.map(({ path }) => path),
    notes,
  );
  const chosen = chooseBuilds(described, new Set(found.map(({ path }) => path)));
  const isSide = (path: string) =>
    sideReason(path) ??
    (isSideVariant(variantOf(path)) ? "development" : null) ??
    // A bake file has every image of its folder.
    (isVariantBeside(path, chosen.bakeFolders) ? "not in the bake file beside them" : null);
  const rest = found.filter(({ path }) => !chosen.paths.has(path));
  const main = rest.filter(({ path }) => options.withTests === true || isSide(path) === null);
  // A tree of examples alone is meant to be imported.
  const named = main.length === 0 && chosen.builds.length === 0 ? rest : main;
  for (const { path } of rest)
    if (!named.some((other) => other.path === path)) leave(leftOut, isSide(path) ?? "", path);
  for (const path of chosen.unpushed) leave(leftOut, "builds that are pushed nowhere", path);
  const builds = [
    ...chosen.builds,
    ...buildsByFolder(named, found, chosen.unnamed, files.name, options, notes),
  ];
  const imported = applyConfigPy(assemble, builds, files, options, notes);
  if (imported === null) {
    throw new ImportError(
      `expected a folder with Dockerfiles, found none that can be read in ${quote(files.name)}${reasonsIn(notes)}`,
    );
  }
  imported.notes.push(note(`Dockerfiles have no schedule; ${noSchedule}`));
  const tally = imported.tally ?? emptyTally;
  return { ...imported, tally: { ...tally, leftOut: describeLeftOut(leftOut) } };
}

function isVariantBeside(path: string, folders: ReadonlySet<string>): boolean {
  return variantOf(path) !== undefined && folders.has(posix.dirname(path));
}

function dockerfilesIn(paths: readonly string[]): string[] {
  const dockerfiles = paths.filter(isDockerfile);
  return [...dockerfiles, ...plainTemplates(paths, dockerfiles)];
}

function leave(leftOut: LeftOut, reason: string, path: string): void {
  leftOut.set(reason, [...(leftOut.get(reason) ?? []), path]);
}

function describeLeftOut(leftOut: LeftOut): string[] {
  return [...leftOut].map(([reason, paths]) => {
    const shown = paths.slice(0, 5).join(", ");
    return `${reason} (${shown}${paths.length > 5 ? `, … ${paths.length} in all` : ""})`;
  });
}

function readDockerfiles(
  files: FilesView,
  paths: readonly string[],
  leftOut: LeftOut,
  notes: Note[],
): Found[] {
  return paths.flatMap((path) => {
    const file = files.read(path);
    if (file.kind !== "text") {
      const reason = file.kind === "missing" ? "it no longer exists" : `it is ${file.why}`;
      notes.push(note(`${path} was not imported: ${reason}`));
      return [];
    }
    if (sideReason(path) === "templates" || isTemplate(file.text)) {
      leave(leftOut, "templates", path);
      return [];
    }
    if (isPartOfSibling(path, file.text, files)) {
      leave(leftOut, "parts of other Dockerfiles", path);
      return [];
    }
    const { needs, problems } = readDockerfile(file.text);
    for (const problem of problems) notes.push(note(`${path}: ${problem}`));
    // Without any FROM, it is not a Dockerfile. `FROM scratch` has no needs either, but is no problem.
    return problems.length > 0 && needs.length === 0 ? [] : [{ path, needs }];
  });
}

/** `Dockerfile.from` is a part that the Dockerfile beside it was put together from. */
function isPartOfSibling(path: string, text: string, files: FilesView): boolean {
  if (variantOf(path) === undefined) return false;
  const sibling = files.read(posix.join(posix.dirname(path), "Dockerfile"));
  const linesIn = (whole: string) =>
    whole.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  const lines = sibling.kind === "text" ? new Set(linesIn(sibling.text)) : new Set();
  const own = linesIn(text);
  return own.length < lines.size && own.every((line) => lines.has(line));
}

/** Builds that only their folders name. `recipes` are builds without a name that other files describe. */
function buildsByFolder(
  found: readonly Found[],
  all: readonly Found[],
  recipes: ReadonlyMap<string, ContextBuild>,
  root: string,
  options: NamingOptions,
  notes: Note[],
): ContextBuild[] {
  const names = nameByFolder(found, all, root, options.tag ?? "latest");
  const taken = new Map<string, string>();
  return found.flatMap(({ path }): ContextBuild[] => {
    const { name, tag } = names.get(path) ?? { name: root, tag: "latest" };
    const image = `${name}:${tag}`;
    const first = taken.get(image);
    if (first !== undefined) {
      notes.push(note(`${path} was not imported: it would be ${image}, as ${first} is already`));
      return [];
    }
    taken.set(image, path);
    if (isVariant(path, name)) notes.push(note(`${path} was imported as ${image}`));
    const plain = {
      context: posix.dirname(path),
      inline: null,
      target: null,
      args: new Map<string, string>(),
      contexts: new Map<string, string>(),
      platforms: [],
    };
    const folder = path.split("/").at(-2);
    const own = {
      label: path,
      path,
      images: [image],
      isNamedHere: true,
      names: [name, ...(folder === undefined ? [] : [folder])],
    };
    return [{ ...plain, ...recipes.get(path), ...own }];
  });
}

/** Whether the image is named for more than the folder. */
function isVariant(path: string, name: string): boolean {
  const [file = "", folder] = path.split("/").toReversed();
  return !/^\w+file$/.test(file) || folder === undefined || repositoryNameOf(folder) !== name;
}
