// Names images for the folders of their Dockerfiles, as far as no other file names them.
import type { Need } from "../dockerfile.ts";
import { readReference, repositoryNameOf } from "../image-reference.ts";
import { officialImages, systemImages } from "../official-images.ts";
import { fitOf, wordsOf } from "../similar-tags.ts";
import { variantOf } from "./dockerfile-names.ts";

export type FolderName = { name: string; tag: string };
export type ToName = { path: string; needs: readonly Need[] };

/** `root` is the name of the whole folder, `tag` that of images without one; `all` are the Dockerfiles of the tree. */
export function nameByFolder(
  files: readonly ToName[],
  all: readonly ToName[],
  root: string,
  tag: string,
): Map<string, FolderName> {
  const folders = new Set(all.map(({ path }) => foldersOf(path).join("/")));
  const rootName = rootNameOf(root, files);
  const names = new Map(files.map(({ path }) => [path, nameOf(path, { root: rootName, tag, folders })]));
  const taken = new Set([...names.values()].map(({ name }) => name));
  for (const wanted of wantedNames(files)) {
    // Some folder has that name already.
    if (taken.has(wanted.name)) continue;
    const under = files.filter(({ path }) => partsBelow(path, wanted.name, root) !== null);
    if (!wanted.tags.some((words) => fitsAny(words, under, wanted.name, root))) continue;
    for (const { path } of under) {
      const rest = partsBelow(path, wanted.name, root) ?? [];
      names.set(path, { name: wanted.name, tag: tagOf(rest, tag) });
    }
  }
  return names;
}

function foldersOf(path: string): string[] {
  return path.split("/").slice(0, -1);
}

type Wanted = { name: string; tags: string[][] };

/** The last parts of the names in FROM lines, with the words of their tags. */
function wantedNames(files: readonly ToName[]): Wanted[] {
  const wanted = new Map<string, string[][]>();
  for (const { text, unknown } of files.flatMap(({ needs }) => needs)) {
    if (unknown.length > 0) continue;
    const { repository, tag } = readReference(text);
    const name = repository.split("/").at(-1) ?? "";
    if (systemImages.has(name)) continue;
    wanted.set(name, [...(wanted.get(name) ?? []), wordsOf(tag)]);
  }
  return [...wanted].map(([name, tags]) => ({ name, tags }));
}

/** The folders below the one of that name, with the variant; the whole path if the tree itself has that name. */
function partsBelow(path: string, name: string, root: string): string[] | null {
  const folders = foldersOf(path);
  const variant = variantOf(path);
  const parts = [...folders, ...(variant === undefined ? [] : [variant])];
  const at = folders.findIndex((folder) => repositoryNameOf(folder) === name);
  if (at !== -1) return parts.slice(at + 1);
  return withoutDocker(root) === name ? parts : null;
}

function fitsAny(words: readonly string[], files: readonly ToName[], name: string, root: string): boolean {
  if (words.length === 0) return false;
  return files.some(({ path }) => {
    const parts = (partsBelow(path, name, root) ?? []).flatMap(wordsOf);
    return fitOf(words, parts, new Set()).coverage >= (officialImages.has(name) ? 0.5 : 0.3);
  });
}

/** `docker-nginx` → nginx, if that is an official image or what FROM lines name. */
function rootNameOf(root: string, files: readonly ToName[]): string {
  const short = withoutDocker(root);
  const isNamed = wantedNames(files).some(({ name }) => name === short);
  return officialImages.has(short) || isNamed ? short : root;
}

function withoutDocker(root: string): string {
  return repositoryNameOf(root).replace(/^docker[-_]|[-_]docker$/g, "");
}

/** Folders of images; their names are no images themselves. */
const collections =
  /^(?:images?|docker(?:files?|images?)?|containers?|base[-_]?images?|src|build|builds|packages|apps|services|linux|\.?ci)$/i;

type Naming = { root: string; tag: string; folders: ReadonlySet<string> };

/**
 * The name of the folder is the name of the image: `images/NodeBase/Dockerfile` → node-base:latest. Folders that are
 * versions, or whose parent has a Dockerfile, are tags: `php/8.1/slim/Dockerfile` → php:8.1-slim,
 * `tensorflow/cuda/Dockerfile` → tensorflow:cuda.
 */
function nameOf(path: string, { root, tag, folders }: Naming): FolderName {
  const above = foldersOf(path).filter((folder) => folder !== ".devcontainer");
  const variant = variantOf(path);
  const isTag = (folder: string, index: number) =>
    /^v?\d|^latest$/.test(folder) ||
    (index > 0 && folders.has(above.slice(0, index).join("/"))) ||
    // `apache/alpine` is a variant, `images/alpine` an image.
    (index > 0 && systemImages.has(folder) && !collections.test(above[index - 1] ?? ""));
  const first = above.findIndex(isTag);
  const variants = [...(first === -1 ? [] : above.slice(first)), ...(variant === undefined ? [] : [variant])];
  const isVersion = first !== -1 && /^v?\d/.test(above[first] ?? "");
  const folder = (first === -1 ? above : above.slice(0, first)).at(-1) ?? root;
  return { name: repositoryNameOf(folder) || "image", tag: tagOf(variants, isVersion ? "latest" : tag) };
}

function tagOf(variants: readonly string[], tag: string): string {
  const parts = tag === "latest" ? variants : [tag, ...variants];
  const joined = parts
    .join("-")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "")
    .replace(/^latest-(?=.)/, "");
  return joined === "" ? tag : joined.slice(0, 128);
}
