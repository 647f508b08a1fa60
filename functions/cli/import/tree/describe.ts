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

export function describeTree(
  files: FilesView,
  paths: readonly string[],
  dockerfiles: readonly string[],
  notes: Note[],
): Described[] {
  const found: Described[] = [];
  const read = (file: string, builds: (text: string) => Described[]) => {
    const content = files.read(file);
    if (content.kind !== "text") return;
    try {
      found.push(...builds(content.text));
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      notes.push(note(`${file} was not read: ${error.message.split("\n")[0] ?? ""}`));
    }
  };
  found.push(...describeBake(files, paths, notes));
  const github = githubContext(files);
  for (const path of paths) {
    const name = path.split("/").at(-1) ?? "";
    const folder = posix.dirname(path);
    const fromCommands = (kind: SourceKind, commands: readonly DockerCommand[]): Described[] =>
      commands
        .flatMap((command) => expandOpen(command, dockerfiles))
        .map((command, index) => {
          const label = `${command.path} in ${path} (${kind} ${index + 1})`;
          return { ...toBuild(command, label), names: [], kind, file: path };
        });
    if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) {
      read(path, (text) => {
        const builds = workflowBuilds(text, files, github);
        return [
          ...fromCommands(
            "workflow",
            builds.filter(({ isUnpushed }) => !isUnpushed),
          ),
          ...fromCommands(
            "trial",
            builds.filter(({ isUnpushed }) => isUnpushed),
          ),
        ];
      });
    } else if (sideReason(path) !== null) continue;
    else if (/(?:^|[-_.])(?:docker-)?compose.*\.ya?ml$/i.test(name)) {
      read(path, (text) => composeServices(text, folder, path));
    } else if (/(?:^|[._-])(?:GNU)?makefile$|^makefile\.|\.mk$/i.test(name))
      read(path, (text) => fromCommands("makefile", makefileBuilds(text, folder)));
    else if (/\.(?:sh|bash)$|^(?:build|push|release)$|^\.gitlab-ci\.ya?ml$/.test(name)) {
      read(path, (text) => fromCommands("script", scriptBuilds(text, folder, files)));
    } else if (/^images\.json$/i.test(name)) {
      read(path, (text) =>
        imagesJsonBuilds(text, path, files, notes).map((build) => ({
          ...scoped(build, path),
          kind: "images-json",
          file: path,
        })),
      );
    }
  }
  const there = new Set(dockerfiles);
  const readable = found.map((build) => ({ ...build, path: madeOf(build.path, there) }));
  return tagByFolder(readable.filter((build) => isBuildable(build, there)));
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
