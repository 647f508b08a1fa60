// What bake files and compose files have in common: builds with a context, a Dockerfile and named contexts.
import { posix } from "node:path";
import type { Build } from "./build.ts";
import { type Need, readDockerfile } from "./dockerfile.ts";
import type { FilesView } from "./files-view.ts";
import { type Note, note, quote } from "./imported.ts";

export type ContextBuild = {
  label: string;
  /** The images that it is pushed as, the preferred one first. Without any, it is only part of other builds. */
  images: readonly string[];
  context: string;
  dockerfile: string;
  inline: string | null;
  target: string | null;
  args: ReadonlyMap<string, string>;
  /** `base` → `target:base`, `service:base`, `docker-image://alpine` or a folder. */
  contexts: ReadonlyMap<string, string>;
};

type Links = { needs: Need[]; after: string[] };

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
  const steps = builds.flatMap(({ label, images: [image, ...aliases] }) => {
    if (image === undefined) {
      const use = links.has(label)
        ? "it is not a step, but part of what is built from it"
        : "it was not imported";
      notes.push(note(`${label} is not pushed to any tag: ${use}`));
      return [];
    }
    const { needs, after } = skipUnpushed(label, links, pushed, new Set());
    return { label, image, aliases, needs, after, trigger: null };
  });
  return mergeImages(steps, notes);
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
        after: [...first.after, ...build.after],
      });
    }
  }
  return [...byImage.values()].map((build) => ({
    ...build,
    after: build.after.map((label) => labels.get(label) ?? label),
  }));
}

/** Replaces builds that are not pushed by what they in turn are built from. */
function skipUnpushed(
  label: string,
  links: ReadonlyMap<string, Links>,
  pushed: ReadonlySet<string>,
  visited: Set<string>,
): Links {
  const own = links.get(label) ?? { needs: [], after: [] };
  if (visited.has(label)) return { needs: [], after: [] };
  visited.add(label);
  const inner = own.after
    .filter((other) => !pushed.has(other))
    .map((other) => skipUnpushed(other, links, pushed, visited));
  return {
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
  const needs = readNeeds(build, files, notes);
  return {
    // A named context replaces the image of that name.
    needs: [...needs.filter(({ text }) => !labels.has(text)), ...contextImages],
    after: [...labels.values()].filter((label) => label !== null),
  };
}

const addByHand = "so what it is built from is unknown; add what it comes after by hand";

function readNeeds(build: ContextBuild, files: FilesView, notes: Note[]): Need[] {
  const { label, context, dockerfile, inline, target, args } = build;
  const add = (text: string) => notes.push(note(`${label}: ${text}`));
  if (inline === null && /^(?:\w+:\/\/|git@)|\.git(?:#|$)/.test(context)) {
    add(`its context is outside this folder, ${addByHand}`);
    return [];
  }
  const path = posix.normalize(posix.isAbsolute(dockerfile) ? dockerfile : posix.join(context, dockerfile));
  const file = inline === null ? files.read(path) : ({ kind: "text", text: inline } as const);
  if (file.kind !== "text") {
    add(`${path} ${file.kind === "missing" ? "does not exist" : `is ${file.why}`}, ${addByHand}`);
    return [];
  }
  const { needs, problems } = readDockerfile(file.text, { args, target });
  for (const problem of problems) add(`${inline === null ? path : "its Dockerfile"}: ${problem}`);
  return needs;
}
