// Reads what the files of a tree say about its images: workflows, compose files, Makefiles and the like.
import { posix } from "node:path";
import { composeBuilds } from "../compose.ts";
import { type ContextBuild, isRemote } from "../context-builds.ts";
import { type DockerCommand, dockerCommands, toBuild } from "../docker-commands.ts";
import type { FilesView } from "../files-view.ts";
import { repositoryNameOf } from "../image-reference.ts";
import { imagesJsonBuilds } from "../images-json.ts";
import { ImportError, type Note, note } from "../imported.ts";
import { makefileBuilds } from "../makefile.ts";
import { fillOpen, isOpen, matchOpen } from "../open-text.ts";
import { expandShell, readAssignments } from "../shell-text.ts";
import { githubContext } from "../workflow/github-context.ts";
import { workflowBuilds } from "../workflow/read-workflow.ts";
import { describeBake } from "./describe-bake.ts";
import { type Described, type SourceKind, scoped } from "./described.ts";
import { sideReason } from "./side-files.ts";

type Tree = { files: FilesView; dockerfiles: readonly string[]; notes: Note[] };
type Reader = {
  /** Whether it reads the file; `name` is the last part of the path. */
  reads: (path: string, name: string) => boolean;
  read: (text: string, path: string, tree: Tree) => Described[];
};

/** The first one that reads a file counts. */
const readers: readonly Reader[] = [
  { reads: (path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path), read: readWorkflow },
  // Nothing below counts in folders of tests and examples.
  { reads: (path) => sideReason(path) !== null, read: () => [] },
  { reads: (_, name) => /(?:^|[-_.])(?:docker-)?compose.*\.ya?ml$/i.test(name), read: readCompose },
  { reads: (_, name) => /(?:^|[._-])(?:GNU)?makefile$|^makefile\.|\.mk$/i.test(name), read: readMakefile },
  {
    reads: (_, name) => /\.(?:sh|bash)$|^(?:build|push|release)$|^\.gitlab-ci\.ya?ml$/.test(name),
    read: readScript,
  },
  { reads: (_, name) => /^images\.json$/i.test(name), read: readImagesJson },
];

export function describeTree(
  files: FilesView,
  paths: readonly string[],
  dockerfiles: readonly string[],
  notes: Note[],
): Described[] {
  const tree: Tree = { files, dockerfiles, notes };
  const found = [...describeBake(files, paths, notes), ...paths.flatMap((path) => readOther(path, tree))];
  const there = new Set(dockerfiles);
  const readable = found.map((build) => ({ ...build, path: madeOf(build.path, there) }));
  return tagByFolder(readable.filter((build) => isBuildable(build, there)));
}

function readOther(path: string, tree: Tree): Described[] {
  const name = path.split("/").at(-1) ?? "";
  const reader = readers.find(({ reads }) => reads(path, name));
  const content = reader === undefined ? null : tree.files.read(path);
  if (reader === undefined || content?.kind !== "text") return [];
  try {
    return reader.read(content.text, path, tree);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    tree.notes.push(note(`${path} was not read: ${error.message.split("\n")[0] ?? ""}`));
    return [];
  }
}

function readWorkflow(text: string, path: string, tree: Tree): Described[] {
  const builds = workflowBuilds(text, tree.files, githubContext(tree.files));
  const pushed = builds.filter(({ isUnpushed }) => !isUnpushed);
  const tried = builds.filter(({ isUnpushed }) => isUnpushed);
  return [...fromCommands("workflow", pushed, path, tree), ...fromCommands("trial", tried, path, tree)];
}

function readCompose(text: string, path: string): Described[] {
  return composeServices(text, posix.dirname(path), path);
}

function readMakefile(text: string, path: string, tree: Tree): Described[] {
  return fromCommands("makefile", makefileBuilds(text, posix.dirname(path)), path, tree);
}

function readScript(text: string, path: string, tree: Tree): Described[] {
  return fromCommands("script", scriptBuilds(text, posix.dirname(path), tree.files), path, tree);
}

function readImagesJson(text: string, path: string, { files, notes }: Tree): Described[] {
  return imagesJsonBuilds(text, path, files, notes).map((build) => ({
    ...scoped(build, path),
    kind: "images-json",
    file: path,
  }));
}

function fromCommands(
  kind: SourceKind,
  commands: readonly DockerCommand[],
  path: string,
  { dockerfiles }: Tree,
): Described[] {
  const known = commands.flatMap((command) => expandOpen(command, dockerfiles));
  return known.map((command, index) => {
    const label = `${command.path} in ${path} (${kind} ${index + 1})`;
    return { ...toBuild(command, label), names: [], kind, file: path };
  });
}

/** A Dockerfile that is made first is read as what it is made of. */
function madeOf(path: string, there: ReadonlySet<string>): string {
  const sources = ["in", "tmpl", "template", "tpl"].map((ending) => `${path}.${ending}`);
  return there.has(path) ? path : (sources.find((source) => there.has(source)) ?? path);
}

/** Builds of several Dockerfiles that differ in a tag that is not known get their tags from the folders. */
function tagByFolder(builds: readonly Described[]): Described[] {
  const pathsOf = new Map<string, Set<string>>();
  for (const { path, images, kind } of builds) {
    for (const image of images)
      pathsOf.set(`${kind} ${image}`, (pathsOf.get(`${kind} ${image}`) ?? new Set()).add(path));
  }
  return builds.map((build) => {
    if (build.kind === "bake" || build.kind === "images-json") return build;
    const isShared = (image: string) => (pathsOf.get(`${build.kind} ${image}`)?.size ?? 0) > 1;
    const images = build.images.flatMap((image) =>
      isShared(image) && !/:[^/]*$/.test(image) ? (tagOfFolder(image, build.path) ?? []) : [image],
    );
    return { ...build, images };
  });
}

/** `acme/php` built in `docker/php/8.2` is acme/php:8.2. */
function tagOfFolder(image: string, path: string): string | null {
  const folders = path.split("/").slice(0, -1);
  const at = folders.indexOf(image.split("/").at(-1) ?? "");
  if (at === -1) return null;
  const rest = folders
    .slice(at + 1)
    .join("-")
    .replace(/[^\w.-]+/g, "-");
  return rest === "" ? image : `${image}:${rest}`;
}

/** Services without an image are named for their folders, unless they share a Dockerfile. */
function composeServices(text: string, folder: string, path: string): Described[] {
  const builds = composeBuilds(text, folder, []);
  const settingsOf = ({ path: file, target, args }: ContextBuild) =>
    JSON.stringify([file, target, [...args]]);
  return builds.map((build): Described => {
    const others = builds.filter((other) => other.path === build.path);
    const isShared = new Set(others.map(settingsOf)).size > 1 && build.inline === null;
    const named = build.images.length > 0;
    const own = named || !isShared ? {} : { images: [repositoryNameOf(build.label)], isNamedHere: true };
    return { ...scoped(build, path), ...own, kind: named ? "compose" : "trial", file: path };
  });
}

/** Scripts run in their folder or in the root; the one counts in which the Dockerfiles are. */
function scriptBuilds(text: string, folder: string, files: FilesView): DockerCommand[] {
  const expanded = expandShell(text, readAssignments(text, new Map()));
  const inFolder = dockerCommands(expanded, folder);
  const inRoot = folder === "." ? [] : dockerCommands(expanded, ".");
  const count = (builds: readonly DockerCommand[]) =>
    builds.filter(({ path }) => files.read(path).kind === "text").length;
  return count(inRoot) > count(inFolder) ? inRoot : inFolder;
}

function isBuildable(build: Described, dockerfiles: ReadonlySet<string>): boolean {
  if (build.command !== undefined || build.inline !== null) return true;
  if (build.kind === "bake") return true;
  return !isRemote(build.context) && dockerfiles.has(build.path);
}

/** An open path stands for each Dockerfile that it fits. */
function expandOpen(command: DockerCommand, dockerfiles: readonly string[]): DockerCommand[] {
  if (!isOpen(command.path) && !isOpen(command.context)) return [command];
  return dockerfiles.flatMap((path) => {
    const values = matchOpen(command.path, path);
    if (values === null) return [];
    const fill = (text: string) => fillOpen(text, values);
    const context = fill(command.context);
    return [
      {
        ...command,
        tags: command.tags.map(fill),
        path,
        context: isOpen(context) ? posix.dirname(path) : context,
        target: command.target === null ? null : fill(command.target),
      },
    ];
  });
}
