// Imports a folder with Dockerfiles: each is an image, and FROM lines tell the order.
import { readDockerfile } from "./dockerfile.ts";
import type { FilesView } from "./files-view.ts";
import { readReference, repositoryNameOf } from "./image-reference.ts";
import { ImportError, type Imported, type NamingOptions, type Note, note, quote } from "./imported.ts";
import { type Build, fullImage } from "./link-builds.ts";
import { pipelinesOf } from "./pipelines-of.ts";

/** `Dockerfile`, `Dockerfile.slim`, `slim.Dockerfile`, `Containerfile`. */
const dockerfileName = /^(?:(?:Docker|Container)file(?:\.([\w.-]+))?|([\w.-]+)\.(?:docker|container)file)$/i;
const passedOver =
  /\.(?:md|txt|dockerignore|j2|jinja|jinja2|tmpl|template|tpl|in|erb|bak|orig)$|^Dockerfile\.dockerignore$/i;

export function isDockerfile(path: string): boolean {
  const file = path.split("/").at(-1) ?? "";
  return dockerfileName.test(file) && !passedOver.test(file);
}

type Naming = { root: string; tag: string; folders: ReadonlySet<string> };
type Found = { path: string; name: string; tag: string; needs: Build["needs"] };

export function importDockerfiles(files: FilesView, options: NamingOptions): Imported {
  const notes: Note[] = [];
  const paths = files.paths().filter(isDockerfile);
  const naming = {
    root: files.name,
    tag: options.tag ?? "latest",
    folders: new Set(paths.map((path) => path.split("/").slice(0, -1).join("/"))),
  };
  const found = paths.flatMap((path) => readOne(files, path, naming, notes));
  if (found.length === 0) {
    const why = notes.map(({ text }) => `; ${text}`).join("");
    throw new ImportError(
      `expected a folder with Dockerfiles, found none that can be read in ${quote(files.name)}${why}`,
    );
  }
  const namespace = options.namespace ?? guessNamespace(found, notes);
  const builds = nameBuilds(found, namespace, notes);
  notes.push(note("Dockerfiles tell no schedule; add one, such as schedule: { every: 24h }"));
  return pipelinesOf(builds, namespace, notes);
}

function readOne(files: FilesView, path: string, naming: Naming, notes: Note[]): Found[] {
  const file = files.read(path);
  if (file.kind !== "text") {
    notes.push(note(`${path} is left out: ${file.kind === "missing" ? "it is gone" : `it is ${file.why}`}`));
    return [];
  }
  const { needs, problems } = readDockerfile(file.text);
  for (const problem of problems) notes.push(note(`${path}: ${problem}`));
  // What has no FROM at all is no Dockerfile; what is built from scratch is one.
  if (problems.length > 0 && needs.length === 0) return [];
  return [{ path, needs, ...nameOf(path, naming) }];
}

/**
 * `images/NodeBase/Dockerfile` → node-base:latest. A version, and a folder within one that has a Dockerfile itself,
 * are tags: `php/8.1/slim/Dockerfile` → php:8.1-slim, `tensorflow/cuda/Dockerfile` → tensorflow:cuda.
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

/** The namespace that the FROM lines of the folder give to its own images. */
function guessNamespace(found: readonly Found[], notes: Note[]): string {
  const names = new Set(found.map(({ name }) => name));
  const namespaces = new Set<string>();
  for (const { text, unknown } of found.flatMap(({ needs }) => needs)) {
    const [namespace, name, ...more] = readReference(text).repository.split("/");
    const isOwn = name !== undefined && more.length === 0 && names.has(name);
    if (isOwn && unknown.length === 0 && namespace !== "library" && namespace !== undefined)
      namespaces.add(namespace);
  }
  const [namespace, ...others] = namespaces;
  if (namespace !== undefined && others.length === 0) {
    notes.push(note(`the namespace ${namespace} is taken from the FROM lines; --namespace sets another`));
    return namespace;
  }
  const what = namespace === undefined ? "none" : `several: ${[...namespaces].slice(0, 5).join(", ")}`;
  throw new ImportError(
    `expected FROM lines that tell the namespace of the images on Docker Hub, found ${what}; tell it with --namespace NAME`,
  );
}

/** Whether the name was not simply that of the folder. */
function isVariant(path: string, name: string): boolean {
  const [file = "", folder] = path.split("/").toReversed();
  return !/^\w+file$/.test(file) || folder === undefined || repositoryNameOf(folder) !== name;
}

function nameBuilds(found: readonly Found[], namespace: string, notes: Note[]): Build[] {
  const builds = new Map<string, Build>();
  for (const { path, name, tag, needs } of found) {
    const image = fullImage(`${namespace}/${name}:${tag}`);
    if (image === null) {
      notes.push(note(`${path} is left out: ${quote(`${namespace}/${name}:${tag}`)} is no name of an image`));
      continue;
    }
    const first = builds.get(image);
    if (first !== undefined) {
      notes.push(
        note(`${path} is left out: its name would be ${image}, which is that of ${first.label} already`),
      );
      continue;
    }
    if (isVariant(path, name)) notes.push(note(`${path} is taken for ${image}`));
    builds.set(image, { label: path, image, aliases: [], needs, after: [], trigger: null });
  }
  if (builds.size === 0) {
    throw new ImportError(
      `expected a namespace in lower case such as acme, found ${quote(namespace)}; tell it with --namespace NAME`,
    );
  }
  return [...builds.values()];
}
