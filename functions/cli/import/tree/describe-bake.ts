// Reads what the bake files of a tree say about its images.
import { posix } from "node:path";
import { bakeBuilds, expectedBake } from "../bake.ts";
import { type BakeFile, mergeBakeFiles, readBakeFile } from "../bake-file.ts";
import { isRemote, rebaseContexts } from "../context-builds.ts";
import type { FilesView } from "../files-view.ts";
import { ImportError, type Note, note } from "../imported.ts";
import { type Described, scoped } from "./described.ts";
import { sideReason } from "./side-files.ts";

const bakeName = /(?:^|[-_.])bake[\w.-]*\.(?:hcl|json)$/i;
/** In the order in which bake reads them. */
const defaultBakeNames = [
  "docker-bake.json",
  "docker-bake.hcl",
  "docker-bake.override.json",
  "docker-bake.override.hcl",
];

export function describeBake(files: FilesView, paths: readonly string[], notes: Note[]): Described[] {
  const read = new Map<string, BakeFile>();
  for (const path of paths) {
    const name = path.split("/").at(-1) ?? "";
    if (!bakeName.test(name) && !name.endsWith(".hcl")) continue;
    if (sideReason(path) === "templates" || /(?:^|\/)vendor\//.test(path)) continue;
    const content = files.read(path);
    const isBake = content.kind === "text" && /"?\b(?:target|variable)"?\s*[:"{]/.test(content.text);
    if (content.kind !== "text" || !isBake || /\bresource\s+"/.test(content.text)) continue;
    try {
      read.set(path, readBakeFile(content.text, expectedBake));
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      notes.push(note(`${path} was not read: ${error.message}`));
    }
  }
  // Files with variables alone are given to bake beside others.
  const variables = [...read].filter(([, file]) => file.targets.size === 0 && file.groups.size === 0);
  const sets = bakeSets([...read].filter(([, file]) => file.targets.size > 0).map(([path]) => path));
  return sets.flatMap(([path, ...more]) => {
    const own = [path, ...more].flatMap((name) => read.get(name) ?? []);
    const beside = variables.filter(([name]) => !more.includes(name)).map(([, file]) => file);
    try {
      return describeOne([path, ...more], mergeBakeFiles([...own, ...beside, ...own.slice(1)]), files, notes);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      notes.push(note(`${path} was not read: ${error.message}`));
      return [];
    }
  });
}

/** The files with default names in one folder are read together. */
function bakeSets(paths: readonly string[]): [string, ...string[]][] {
  const defaults = new Map<string, string[]>();
  const sets: [string, ...string[]][] = [];
  for (const path of paths) {
    const name = path.split("/").at(-1) ?? "";
    if (defaultBakeNames.includes(name))
      defaults.set(posix.dirname(path), [...(defaults.get(posix.dirname(path)) ?? []), name]);
    else sets.push([path]);
  }
  for (const [folder, names] of defaults) {
    const [first, ...others] = defaultBakeNames
      .filter((name) => names.includes(name))
      .map((name) => posix.join(folder, name));
    if (first !== undefined) sets.push([first, ...others]);
  }
  return sets;
}

/** Bake runs in the folder of its file or in one above; the one counts in which the Dockerfiles are. */
function describeOne(
  paths: readonly [string, ...string[]],
  file: BakeFile,
  files: FilesView,
  notes: Note[],
): Described[] {
  const [path] = paths;
  const builds = bakeBuilds(file, notes);
  const folders = foldersAbove(posix.dirname(path));
  const count = (folder: string) =>
    builds.filter((build) => files.read(posix.join(folder, build.path)).kind === "text").length;
  const [folder = "."] = folders.toSorted((a, b) => count(b) - count(a));
  const isTagged = builds.some(({ images }) => images.length > 0);
  return builds.map((build) => {
    const isLocal = !isRemote(build.context);
    const own = {
      ...build,
      context: isLocal ? posix.join(folder, build.context) : build.context,
      path: isLocal ? posix.join(folder, build.path) : build.path,
      contexts: rebaseContexts(build.contexts, folder),
      bake: { folder, files: paths.map((name) => posix.relative(folder, name)), target: build.label },
      // Where nothing is tagged, the names of the targets are all there is.
      images: isTagged || build.label.startsWith("_") ? build.images : [build.label],
    };
    return { ...scoped(own, path), kind: "bake" as const, file: path };
  });
}

function foldersAbove(folder: string): string[] {
  if (folder === ".") return ["."];
  return [folder, ...foldersAbove(posix.dirname(folder))];
}
