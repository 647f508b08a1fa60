// What bake files and compose files have in common: builds with a context, a Dockerfile and named contexts.
import { posix } from "node:path";
import type { Build } from "./build.ts";
import { type Need, readDockerfile } from "./dockerfile.ts";
import type { FilesView } from "./files-view.ts";
import { type Note, note, quote } from "./imported.ts";
import type { BakeRecipe, Recipe } from "./recipe.ts";
import { wordsOf } from "./similar-tags.ts";

export type ContextBuild = {
  label: string;
  /** The images that it is pushed as, the preferred one first. Without any, it is only part of other builds. */
  images: readonly string[];
  /** From the folder that is imported, or a URL. */
  context: string;
  /** Of its Dockerfile, from the folder that is imported. */
  path: string;
  inline: string | null;
  target: string | null;
  args: ReadonlyMap<string, string>;
  /** `base` → `target:base`, `service:base`, `docker-image://alpine` or a folder. */
  contexts: ReadonlyMap<string, string>;
  /** `linux/amd64`; empty for those of the builder. */
  platforms: readonly string[];
  /** Names that FROM lines may use for it. */
  names?: readonly string[];
  /** Its images are named for its folder or the like, and FROM lines without a namespace mean others. */
  isNamedHere?: boolean;
  /** Labels of builds that it comes after, whatever its Dockerfile says. */
  after?: readonly string[];
  bake?: BakeRecipe;
  /** Builds it, if that is not docker. */
  command?: string;
};

export function isRemote(context: string): boolean {
  return /^(?:\w+:\/\/|git@)|\.git(?:#|$)/.test(context);
}

/** Folders among named contexts are relative to `folder`. */
export function rebaseContexts(contexts: ReadonlyMap<string, string>, folder: string): Map<string, string> {
  const isFolder = (value: string) => !/^[a-z-]+:/i.test(value) && !isRemote(value);
  return new Map(
    [...contexts].map(([name, value]) => [name, isFolder(value) ? posix.join(folder, value) : value]),
  );
}

/** The Dockerfile of a context, as bake and compose have it: relative to the context. */
export function pathIn(context: string, dockerfile: string): string {
  if (posix.isAbsolute(dockerfile) || isRemote(context)) return posix.normalize(dockerfile);
  return posix.join(context, dockerfile);
}

type Links = { needs: Need[]; after: string[]; base: Need | null | undefined; versions: readonly string[] };

export function buildsOf(builds: readonly ContextBuild[], files: FilesView, notes: Note[]): Build[] {
  const byLabel = new Map(builds.map((build) => [build.label, build]));
  const pushed = new Set(builds.filter(({ images }) => images.length > 0).map(({ label }) => label));
  const links = new Map<string, Links>();
  const read = (label: string) => {
    const build = byLabel.get(label);
    if (build === undefined || links.has(label)) return;
    const own = linksOf(build, files, notes);
    links.set(label, own);
    for (const other of own.after) {
      if (!byLabel.has(other))
        notes.push(note(`${label} has the context ${quote(other)}, which is not built here`));
      read(other);
    }
  };
  for (const label of pushed) read(label);
  const steps = builds.flatMap(({ label, images: [image, ...aliases] }): Build[] => {
    if (image === undefined) {
      const use = links.has(label)
        ? "it is not a step, but part of what is built from it"
        : "it was not imported";
      notes.push(note(`${label} is not pushed to any tag: ${use}`));
      return [];
    }
    const { needs, after, base, versions } = skipUnpushed(label, links, pushed, new Set());
    const own = byLabel.get(label);
    if (own === undefined) return [];
    const words = new Set([...wordsOfBuild(own), ...versions.flatMap(wordsOf)]);
    const names = own.names ?? [own.label];
    const known = base === undefined ? {} : { base };
    return [
      { label, image, aliases, needs, after, ...known, names, words, recipe: recipeOf(own), trigger: null },
    ];
  });
  return mergeImages(steps, notes);
}

/** The words of its folders and its settings. */
function wordsOfBuild({ path, label, target, args }: ContextBuild): string[] {
  const folders = path.split("/").map((part) => part.replace(/(?:docker|container)file/i, ""));
  const values = [...args.values()].filter((value) => value.length <= 40);
  return [...folders, label, target ?? "", ...values].flatMap(wordsOf);
}

function recipeOf(build: ContextBuild): Recipe {
  const { context, path, inline, target, args, platforms, contexts, bake, command } = build;
  const more = { ...(bake === undefined ? {} : { bake }), ...(command === undefined ? {} : { command }) };
  return {
    context,
    dockerfile: inline === null ? path : null,
    inline,
    target,
    args,
    platforms,
    contexts,
    ...more,
  };
}

/** Services that share an image become one step, which comes after all their predecessors. */
function mergeImages(builds: readonly Build[], notes: Note[]): Build[] {
  const byImage = new Map<string, Build>();
  const labels = new Map<string, string>();
  for (const build of builds) {
    const first = byImage.get(build.image);
    labels.set(build.label, first?.label ?? build.label);
    if (first === undefined) byImage.set(build.image, build);
    else {
      notes.push(
        note(`${build.label} and ${first.label} are both pushed as ${build.image}; they became one step`),
      );
      byImage.set(build.image, {
        ...first,
        aliases: [...first.aliases, ...build.aliases],
        needs: [...first.needs, ...build.needs],
        recipe: withPlatforms(first.recipe, build.recipe),
        after: [...first.after, ...build.after],
      });
    }
  }
  return [...byImage.values()].map((build) => ({
    ...build,
    after: build.after.map((label) => labels.get(label) ?? label),
  }));
}

/** Platforms that are built one by one are those of one image. */
function withPlatforms(first: Build["recipe"], other: Build["recipe"]): Recipe | null {
  if (first === undefined || first === null) return other ?? null;
  const isOfBoth = first.platforms.length > 0 && (other?.platforms.length ?? 0) > 0;
  return {
    ...first,
    platforms: isOfBoth ? [...new Set([...first.platforms, ...(other?.platforms ?? [])])] : [],
  };
}

/** Replaces builds that are not pushed by what they in turn are built from. */
function skipUnpushed(
  label: string,
  links: ReadonlyMap<string, Links>,
  pushed: ReadonlySet<string>,
  visited: Set<string>,
): Links {
  const none: Links = { needs: [], after: [], base: undefined, versions: [] };
  const own = links.get(label) ?? none;
  if (visited.has(label)) return none;
  visited.add(label);
  const inner = own.after
    .filter((other) => !pushed.has(other))
    .map((other) => skipUnpushed(other, links, pushed, visited));
  return {
    ...own,
    needs: [...own.needs, ...inner.flatMap(({ needs }) => needs)],
    after: [...own.after.filter((other) => pushed.has(other)), ...inner.flatMap(({ after }) => after)],
  };
}

function linksOf(build: ContextBuild, files: FilesView, notes: Note[]): Links {
  const labels = new Map<string, string | null>();
  const contextImages: Need[] = [];
  for (const [name, value] of build.contexts) {
    const [, label] = /^(?:target|service):(.+)$/.exec(value) ?? [];
    const [, image] = /^docker-image:\/\/(.+)$/.exec(value) ?? [];
    labels.set(name, label ?? null);
    if (image !== undefined) contextImages.push({ text: image, unknown: [], line: 1 });
  }
  const { needs, base, versions } = readNeeds(build, files, notes);
  const after = [...(build.after ?? []), ...[...labels.values()].filter((label) => label !== null)];
  return {
    // A named context replaces the image of that name.
    needs: [...needs.filter(({ text }) => !labels.has(text)), ...contextImages],
    after,
    // What it stands on is known only if nothing replaces that.
    base: labels.size > 0 || base === undefined ? undefined : base,
    versions,
  };
}

const addByHand = "so what it is built from is unknown; add what it comes after by hand";

/** For a first look; without notes. */
export function needsOf(build: ContextBuild, files: FilesView): Need[] {
  return readNeeds(build, files, []).needs;
}

type Read = { needs: Need[]; base: Need | null | undefined; versions: readonly string[] };

function readNeeds(build: ContextBuild, files: FilesView, notes: Note[]): Read {
  const { label, context, path, inline, target, args, command } = build;
  const none: Read = { needs: [], base: undefined, versions: [] };
  const add = (text: string) => notes.push(note(`${label}: ${text}`));
  if (command !== undefined) return none;
  if (inline === null && isRemote(context)) {
    add(`its context is outside this folder, ${addByHand}`);
    return none;
  }
  const file = inline === null ? files.read(path) : ({ kind: "text", text: inline } as const);
  if (file.kind !== "text") {
    add(`${path} ${file.kind === "missing" ? "does not exist" : `is ${file.why}`}, ${addByHand}`);
    return none;
  }
  const { needs, base, versions, problems } = readDockerfile(file.text, { args, target });
  for (const problem of problems) add(`${inline === null ? path : "its Dockerfile"}: ${problem}`);
  return { needs, base, versions };
}
