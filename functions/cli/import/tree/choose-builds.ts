// Chooses among what several files say about the same Dockerfile.
import { posix } from "node:path";
import type { ContextBuild } from "../context-builds.ts";
import { type Described, type SourceKind, sourceKinds } from "./described.ts";

export type Chosen = {
  builds: ContextBuild[];
  /** The Dockerfiles that are spoken for. */
  paths: Set<string>;
  /** The folders of Dockerfiles that a bake file describes. */
  bakeFolders: Set<string>;
  /** Dockerfiles that are built, but pushed nowhere. */
  unpushed: string[];
  /** Builds without a known name, by Dockerfile. */
  unnamed: Map<string, ContextBuild>;
};

/** `there` are the Dockerfiles that exist. */
export function chooseBuilds(described: readonly Described[], there: ReadonlySet<string>): Chosen {
  const named = described.filter(({ images }) => images.length > 0);
  const best = bestSources(named);
  const own = described.filter((build) => isChosen(build, best));
  const pushes = own.filter(({ images }) => images.length > 0);
  const used = usedBy(pushes, own);
  const builds = own.filter(({ images, label }) => images.length > 0 || used.has(label));
  const paths = new Set(pushes.filter(({ inline }) => inline === null).map(({ path }) => path));
  const bakeFiles = new Set(pushes.filter(({ kind }) => kind === "bake").map(({ file }) => file));
  const unpushed = described.filter(
    ({ kind, images, path, file, inline }) =>
      kind === "bake" &&
      images.length === 0 &&
      inline === null &&
      bakeFiles.has(file) &&
      !paths.has(path) &&
      there.has(path),
  );
  const unnamed = described.filter(({ images, kind }) => images.length === 0 && kind !== "bake");
  const isolated = new Set(unpushed.map(({ path }) => path));
  return {
    builds,
    paths: new Set([...paths, ...isolated]),
    bakeFolders: new Set(pushes.filter(({ kind }) => kind === "bake").map(({ path }) => posix.dirname(path))),
    unpushed: [...isolated],
    unnamed: new Map(unnamed.map((build) => [build.path, build])),
  };
}

type Source = { kind: SourceKind; file: string };

/** By Dockerfile. Of several files of one kind, the one that describes the most images. */
function bestSources(named: readonly Described[]): Map<string, Source> {
  const sizes = new Map<string, number>();
  for (const { file } of named) sizes.set(file, (sizes.get(file) ?? 0) + 1);
  const isBetter = (one: Source, other: Source): boolean => {
    const kinds = sourceKinds.indexOf(one.kind) - sourceKinds.indexOf(other.kind);
    const trials = Number(isTrial(one.file)) - Number(isTrial(other.file));
    const size = (sizes.get(other.file) ?? 0) - (sizes.get(one.file) ?? 0);
    return (kinds || trials || size || one.file.length - other.file.length) < 0;
  };
  const best = new Map<string, Source>();
  for (const { path, kind, file, inline } of named) {
    const known = best.get(path);
    if (inline === null && (known === undefined || isBetter({ kind, file }, known)))
      best.set(path, { kind, file });
  }
  return best;
}

/** `pull-request.yml` and `build-test.yml` build what others push. */
function isTrial(file: string): boolean {
  return /(?:^|[-_.])(?:tests?|ci|pr|pull-request|lint|validate|nightly|dev)(?=[-_.])/i.test(
    file.split("/").at(-1) ?? "",
  );
}

function isChosen(
  { path, kind, file, images, inline, command }: Described,
  best: ReadonlyMap<string, Source>,
): boolean {
  if (kind === "bake" && images.length === 0) return true;
  if (images.length === 0) return false;
  return (
    inline !== null ||
    command !== undefined ||
    (best.get(path)?.kind === kind && best.get(path)?.file === file)
  );
}

/** What is part of other builds is needed, though it is pushed nowhere. */
function usedBy(pushes: readonly Described[], all: readonly Described[]): Set<string> {
  const byLabel = new Map(all.map((build) => [build.label, build]));
  const used = new Set<string>();
  const visit = (build: Described) => {
    for (const value of build.contexts.values()) {
      const [, label] = /^(?:target|service):(.+)$/.exec(value) ?? [];
      const other = label === undefined ? undefined : byLabel.get(label);
      if (other === undefined || used.has(other.label)) continue;
      used.add(other.label);
      visit(other);
    }
  };
  for (const build of pushes) visit(build);
  return used;
}
