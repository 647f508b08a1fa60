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
  const parts = new Map(builds.map((build) => [build.label, partsOf(build, files, notes)]));
  const pushed = new Set(builds.filter(({ images }) => images.length > 0).map(({ label }) => label));
  for (const build of builds) {
    for (const label of parts.get(build.label)?.after ?? []) {
      if (!parts.has(label))
        notes.push(note(`${build.label} names ${quote(label)} as a context, which is not built here`));
    }
  }
  return builds.flatMap((build) => {
    const [image, ...aliases] = build.images;
    if (image === undefined) return [];
    const { needs, after } = withUnpushed(build.label, parts, pushed, new Set());
    return { label: build.label, image, aliases, needs, after, trigger: null };
  });
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
