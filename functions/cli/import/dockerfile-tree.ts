// Imports a folder with Dockerfiles: each is an image, and the FROM lines determine the order.
import type { Build } from "./build.ts";
import { readDockerfile } from "./dockerfile.ts";
import type { FilesView } from "./files-view.ts";
import { readReference, repositoryNameOf } from "./image-reference.ts";
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
import { fullImage } from "./link-builds.ts";
import { pipelinesOf } from "./pipelines-of.ts";

/** `Dockerfile`, `Dockerfile.slim`, `slim.Dockerfile`, `Containerfile`. */
const dockerfileName = /^(?:(?:Docker|Container)file(?:\.([\w.-]+))?|([\w.-]+)\.(?:docker|container)file)$/i;
const ignoredNames =
  /\.(?:md|txt|dockerignore|j2|jinja|jinja2|tmpl|template|tpl|in|erb|bak|orig)$|^Dockerfile\.dockerignore$/i;

export function isDockerfile(path: string): boolean {
  const file = path.split("/").at(-1) ?? "";
  return dockerfileName.test(file) && !ignoredNames.test(file);
}

type Naming = { root: string; tag: string; folders: ReadonlySet<string> };
type Found = { path: string; name: string; tag: string } & Pick<Build, "needs" | "base">;

export function importDockerfiles(files: FilesView, options: NamingOptions): Imported {
  const notes: Note[] = [];
  const paths = files.paths().filter(isDockerfile);
  const naming = {
    root: files.name,
    tag: options.tag ?? "latest",
    folders: new Set(paths.map((path) => path.split("/").slice(0, -1).join("/"))),
  };
  const found = paths.flatMap((path) => readFile(files, path, naming, notes));
  if (found.length === 0) {
    throw new ImportError(
      `expected a folder with Dockerfiles, found none that can be read in ${quote(files.name)}${reasonsIn(notes)}`,
    );
  }
  const namespace = options.namespace ?? guessNamespace(found, notes);
  const builds = nameBuilds(found, namespace, notes);
  notes.push(note(`Dockerfiles have no schedule; ${noSchedule}`));
  return pipelinesOf(builds, namespace.split("/").at(-1) ?? namespace, notes);
}

function readFile(files: FilesView, path: string, naming: Naming, notes: Note[]): Found[] {
  const file = files.read(path);
  if (file.kind !== "text") {
    const reason = file.kind === "missing" ? "it no longer exists" : `it is ${file.why}`;
    notes.push(note(`${path} was not imported: ${reason}`));
    return [];
  }
  const { needs, base, problems } = readDockerfile(file.text);
  for (const problem of problems) notes.push(note(`${path}: ${problem}`));
  // Without any FROM, it is not a Dockerfile. `FROM scratch` has no needs either, but is no problem.
  if (problems.length > 0 && needs.length === 0) return [];
  return [{ path, needs, base, ...nameOf(path, naming) }];
}

/**
 * The name of the folder is the name of the image: `images/NodeBase/Dockerfile` → node-base:latest. Folders that are
 * versions, or whose parent has a Dockerfile, are tags: `php/8.1/slim/Dockerfile` → php:8.1-slim,
 * `tensorflow/cuda/Dockerfile` → tensorflow:cuda.
 */
export function nameOf(path: string, { root, tag, folders }: Naming): { name: string; tag: string } {
  const above = path.split("/").slice(0, -1);
  const match = dockerfileName.exec(path.split("/").at(-1) ?? "");
  const variant = match?.[1] ?? match?.[2];
  const isTag = (folder: string, index: number) =>
    /^v?\d/.test(folder) || (index > 0 && folders.has(above.slice(0, index).join("/")));
  const first = above.findIndex(isTag);
  const variants = [...(first === -1 ? [] : above.slice(first)), ...(variant === undefined ? [] : [variant])];
  const isVersion = first !== -1 && /^v?\d/.test(above[first] ?? "");
  const parts = tag === "latest" || isVersion ? variants : [tag, ...variants];
  const folder = (first === -1 ? above : above.slice(0, first)).at(-1) ?? root;
  const joined = parts.join("-").replace(/[^\w.-]+/g, "-");
  return { name: repositoryNameOf(folder), tag: joined === "" ? tag : joined.slice(0, 128) };
}

/** The namespace that FROM lines use for images of this folder. */
function guessNamespace(files: readonly Found[], notes: Note[]): string {
  const names = new Set(files.map(({ name }) => name));
  const namespaces = new Set<string>();
  for (const { text, unknown } of files.flatMap(({ needs }) => needs)) {
    const { registry, repository } = readReference(text);
    const [, namespace = "", name = ""] = /^(.+)\/([^/]+)$/.exec(repository) ?? [];
    if (!names.has(name) || unknown.length > 0 || namespace === "library") continue;
    namespaces.add(registry === null ? namespace : `${registry}/${namespace}`);
  }
  const [namespace, ...others] = namespaces;
  if (namespace !== undefined && others.length === 0) {
    notes.push(
      note(`the namespace ${namespace} comes from the FROM lines; set another one with --namespace`),
    );
    return namespace;
  }
  const found = namespaces.size === 0 ? "none" : `${[...namespaces].slice(0, 5).join(", ")}`;
  throw new ImportError(
    `expected one namespace in the FROM lines, found ${found}; set it with --namespace NAME`,
  );
}

/** Whether the image is named for more than the folder. */
function isVariant(path: string, name: string): boolean {
  const [file = "", folder] = path.split("/").toReversed();
  return !/^\w+file$/.test(file) || folder === undefined || repositoryNameOf(folder) !== name;
}

function nameBuilds(found: readonly Found[], namespace: string, notes: Note[]): Build[] {
  const builds = new Map<string, Build>();
  for (const { path, name, tag, needs, base = null } of found) {
    const image = fullImage(`${namespace}/${name}:${tag}`);
    if (image === null) {
      notes.push(
        note(`${path} was not imported: ${quote(`${namespace}/${name}:${tag}`)} is not a valid image name`),
      );
      continue;
    }
    const first = builds.get(image);
    if (first !== undefined) {
      notes.push(note(`${path} was not imported: it would be ${image}, as ${first.label} is already`));
      continue;
    }
    if (isVariant(path, name)) notes.push(note(`${path} was imported as ${image}`));
    builds.set(image, { label: path, image, aliases: [], needs, base, after: [], trigger: null });
  }
  if (builds.size === 0) {
    throw new ImportError(
      `expected a namespace in lower case such as acme, found ${quote(namespace)}; set it with --namespace NAME`,
    );
  }
  return [...builds.values()];
}
