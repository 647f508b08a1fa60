// What bake files and compose files have in common: builds with a context, a Dockerfile, and contexts by name.
import { posix } from "node:path";
import { type Need, readDockerfile } from "./dockerfile.ts";
import type { FilesView } from "./files-view.ts";
import { type Note, note, quote } from "./imported.ts";
import type { Build } from "./link-builds.ts";

export type ContextBuild = {
  label: string;
  /** What it is pushed as, the first by choice. Without one it is only a part of what is built from it. */
  images: readonly string[];
  context: string;
  dockerfile: string;
  inline: string | null;
  target: string | null;
  args: ReadonlyMap<string, string>;
  /** `base` → `target:base`, `service:base`, `docker-image://alpine` or a folder. */
  contexts: ReadonlyMap<string, string>;
};

type Parts = { needs: Need[]; after: string[] };

export function buildsOf(builds: readonly ContextBuild[], files: FilesView, notes: Note[]): Build[] {
  const byLabel = new Map(builds.map((build) => [build.label, build]));
  const pushed = new Set(builds.filter(({ images }) => images.length > 0).map(({ label }) => label));
  const parts = new Map<string, Parts>();
  const read = (label: string) => {
    const build = byLabel.get(label);
    if (build === undefined || parts.has(label)) return;
    const own = partsOf(build, files, notes);
    parts.set(label, own);
    for (const other of own.after) {
      if (!byLabel.has(other))
        notes.push(note(`${label} has the context ${quote(other)}, which is not built here`));
      read(other);
    }
  };
  for (const label of pushed) read(label);
  const named = builds.flatMap(({ label, images: [image, ...aliases] }) => {
    if (image === undefined) {
      const use = parts.has(label) ? "it is no step, but a part of what is built from it" : "it is left out";
      notes.push(note(`${label} is pushed to no tag on Docker Hub: ${use}`));
      return [];
    }
    const { needs, after } = withUnpushed(label, parts, pushed, new Set());
    return { label, image, aliases, needs, after, trigger: null };
  });
  return mergeImages(named, notes);
}

/** Services often share an image: it is one step, which comes after all that they come after. */
function mergeImages(builds: readonly Build[], notes: Note[]): Build[] {
  const byImage = new Map<string, Build>();
  const labels = new Map<string, string>();
  for (const build of builds) {
    const first = byImage.get(build.image);
    labels.set(build.label, first?.label ?? build.label);
    if (first === undefined) byImage.set(build.image, build);
    else {
      notes.push(note(`${build.label} is pushed as ${build.image}, as ${first.label} is: they are one step`));
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

/** What is not pushed is no step: what it comes after, those come after that are built from it. */
function withUnpushed(
  label: string,
  parts: ReadonlyMap<string, Parts>,
  pushed: ReadonlySet<string>,
  seen: Set<string>,
): Parts {
  const own = parts.get(label) ?? { needs: [], after: [] };
  if (seen.has(label)) return { needs: [], after: [] };
  seen.add(label);
  const inner = own.after
    .filter((other) => !pushed.has(other))
    .map((other) => withUnpushed(other, parts, pushed, seen));
  return {
    needs: [...own.needs, ...inner.flatMap(({ needs }) => needs)],
    after: [...own.after.filter((other) => pushed.has(other)), ...inner.flatMap(({ after }) => after)],
  };
}

function partsOf(build: ContextBuild, files: FilesView, notes: Note[]): Parts {
  const labels = new Map<string, string | null>();
  const named: Need[] = [];
  for (const [name, value] of build.contexts) {
    const [, label] = /^(?:target|service):(.+)$/.exec(value) ?? [];
    const [, image] = /^docker-image:\/\/(.+)$/.exec(value) ?? [];
    labels.set(name, label ?? null);
    if (image !== undefined) named.push({ text: image, unknown: [], line: 1 });
  }
  const found = dockerfileOf(build, files, notes);
  return {
    // A context by name takes the place of the image of that name.
    needs: [...found.filter(({ text }) => !labels.has(text)), ...named],
    after: [...labels.values()].filter((label) => label !== null),
  };
}

function dockerfileOf(build: ContextBuild, files: FilesView, notes: Note[]): Need[] {
  const { label, context, dockerfile, inline, target, args } = build;
  const add = (text: string) => notes.push(note(`${label}: ${text}`));
  if (inline === null && /^(?:\w+:\/\/|git@)|\.git(?:#|$)/.test(context)) {
    add(
      "its context is not in this folder, so what it is built from is not known; add what it comes after by hand",
    );
    return [];
  }
  const path = posix.normalize(posix.isAbsolute(dockerfile) ? dockerfile : posix.join(context, dockerfile));
  const file = inline === null ? files.read(path) : ({ kind: "text", text: inline } as const);
  if (file.kind !== "text") {
    const found = file.kind === "missing" ? "is not there" : `is ${file.why}`;
    add(`${path} ${found}, so what it is built from is not known; add what it comes after by hand`);
    return [];
  }
  const { needs, problems } = readDockerfile(file.text, { args, target });
  for (const problem of problems) add(`${inline === null ? path : "its Dockerfile"}: ${problem}`);
  return needs;
}
