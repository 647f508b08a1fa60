// Orders builds by the images they are built from.
import { imageName, parseImage } from "../../../shared/image/image.ts";
import { order } from "../../../shared/pipeline/graph.ts";
import type { Build } from "./build.ts";
import { readReference } from "./image-reference.ts";
import { type ImportedStep, quote } from "./imported.ts";
import { type BuildIndex, indexBuilds, matchNeed, shorten } from "./match-need.ts";

export type Linked = { families: Family[]; remarks: Remark[]; lines: OwnLines };
export type Family = ImportedStep[];
/** A note on a build, or on the whole import if `image` is null. */
export type Remark = { image: string | null; text: string; isOpen?: boolean };
/** The FROM lines that look like images of the builds: how many, and which of them found none. */
export type OwnLines = { own: Set<string>; lost: Set<string> };

export function linkBuilds(builds: readonly Build[]): Linked {
  const index = indexBuilds(builds);
  const lines: OwnLines = { own: new Set(), lost: new Set() };
  const remarks = remarksOnRegistries(builds, index);
  const byLabel = new Map(builds.map((build) => [build.label, build]));
  const nodes = builds.map((build) => linksOf(build, byLabel, index, lines, remarks));
  const ordered = breakCircles(nodes, byLabel, remarks);
  const steps = nameSteps(builds, removeIndirect(ordered));
  return { families: familiesOf(steps), remarks, lines };
}

type Node = {
  name: string;
  after: string[];
  /** Predecessors that are assumed: their names differ from what is written. */
  assumed: ReadonlySet<string>;
  upstreams: string[];
  base: string | null | undefined;
  /** Names in FROM lines, as Docker reads them, that differ from those of the images. */
  replaces: { name: string; image: string }[];
};

function linksOf(
  build: Build,
  byLabel: ReadonlyMap<string, Build>,
  index: BuildIndex,
  lines: OwnLines,
  remarks: Remark[],
): Node {
  const upstreams = new Set<string>();
  const unwatched = new Set<string>();
  const assumed = new Set<string>();
  const replaces = new Map<string, string>();
  const links = new Set(build.after.filter((label) => byLabel.has(label) && label !== build.label));
  for (const label of links) lines.own.add(`${label} of ${build.label}`);
  for (const need of build.needs) {
    const match = matchNeed(need, build, index);
    // Builds can share a file.
    const line = `line ${need.line} of ${build.recipe?.dockerfile ?? build.label}`;
    if (match.isOwn) lines.own.add(line);
    if (match.build === build) {
      const text = `${build.image} is built on its own earlier version, ${shorten(need.text)}, which is no link`;
      remarks.push({ image: build.image, text });
    }
    if (match.build === null || match.build === build) {
      const image = need.unknown.length === 0 ? fullImage(need.text) : null;
      if (match.isOwn && match.build === null) lines.lost.add(line);
      if (image === null || isBuiltHere(image, index)) unwatched.add(need.text);
      else if (!match.isOwn || need.text.includes("/")) upstreams.add(image.replace(/^library\//, ""));
    } else {
      if (!match.isExact && !links.has(match.build.label)) assumed.add(match.build.label);
      links.add(match.build.label);
      // What has no value yet gets one when it is built; then the name is not known here.
      if (need.unknown.length === 0 && fullImage(need.text) !== match.build.image) {
        replaces.set(need.text, match.build.image);
      }
    }
    if (match.remark !== null && match.build !== build) {
      remarks.push({ image: build.image, text: `${line} ${match.remark}` });
    }
  }
  if (unwatched.size > 0) {
    const names = [...unwatched].map(shorten).join(", ");
    const text = `${build.image} is built from ${names}, which is not built here: a change of it starts no run`;
    remarks.push({ image: build.image, text });
  }
  const after = [...links];
  return {
    name: build.label,
    after,
    assumed,
    upstreams: [...upstreams],
    base: baseOf(build, index),
    replaces: [...replaces].map(([name, image]) => ({ name, image })),
  };
}

function isBuiltHere(image: string, { byImage }: BuildIndex): boolean {
  const { repository, tag } = readReference(image);
  return byImage.has(`${repository}:${tag}`);
}

/** The image that the build stands on; undefined if that is not known. */
function baseOf(build: Build, index: BuildIndex): string | null | undefined {
  const { base } = build;
  if (base === undefined || base === null) return base;
  const found = matchNeed(base, build, index).build;
  if (found !== null && found !== build) return found.image;
  return base.unknown.length === 0 ? (fullImage(base.text) ?? undefined) : undefined;
}

/** Removes a link of each cycle, an assumed one if there is one, and says so. */
function breakCircles(
  nodes: readonly Node[],
  byLabel: ReadonlyMap<string, Build>,
  remarks: Remark[],
): Node[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (;;) {
    const ordered = order(nodes);
    if (ordered.kind === "ordered") return ordered.nodes;
    const pairs = ordered.names
      .slice(0, -1)
      .map((name, at) => ({ name, before: ordered.names[at + 1] ?? "" }));
    const assumed = pairs.find(({ name, before }) => byName.get(name)?.assumed.has(before) === true);
    const cut = assumed ?? pairs.at(-1);
    const node = byName.get(cut?.name ?? "");
    if (cut === undefined || node === undefined) return [...nodes];
    node.after = node.after.filter((name) => name !== cut.before);
    const cycle = ordered.names.map(quote).join(" → ");
    const text = `each of these is built from the next: ${cycle}; the link from ${quote(cut.name)} to ${quote(cut.before)} was left out to break the cycle`;
    remarks.push({ image: byLabel.get(cut.name)?.image ?? null, text, isOpen: true });
  }
}

/** One for each registry, as users of a mirror name it in every file. */
function remarksOnRegistries(builds: readonly Build[], index: BuildIndex): Remark[] {
  const texts = new Map<string, string>();
  for (const asker of builds) {
    const { label } = asker;
    for (const need of asker.needs) {
      const { registry } = readReference(need.text);
      const isNew = registry !== null && !texts.has(registry) && need.unknown.length === 0;
      const build = isNew ? matchNeed(need, asker, index).build : null;
      if (registry === null || build === null || isAtRegistry(build, registry)) continue;
      const found = `${quote(need.text)} in line ${need.line} of ${label} is assumed to be ${build.image}`;
      texts.set(registry, `${found}; pushes to ${registry} are not noticed`);
    }
  }
  return [...texts.values()].map((text) => ({ image: null, text }));
}

function isAtRegistry({ image, aliases }: Build, registry: string): boolean {
  return [image, ...aliases].some((name) => readReference(name).registry === registry);
}

/** If `b` comes after `a`, and `c` after both, then `c` comes after `b` is enough. */
function removeIndirect(nodes: readonly Node[]): Node[] {
  const before = new Map<string, Set<string>>();
  return nodes.map(({ name, after, ...rest }) => {
    const indirect = new Set(after.flatMap((other) => [...(before.get(other) ?? [])]));
    before.set(name, new Set([...after, ...indirect]));
    return { ...rest, name, after: after.filter((other) => !indirect.has(other)) };
  });
}

/** Names steps for their repositories, and adds the tags if those are not unique. */
function nameSteps(builds: readonly Build[], nodes: readonly Node[]): ImportedStep[] {
  const byLabel = new Map(builds.map((build) => [build.label, build]));
  const endOf = (image: string) => readReference(image).repository.split("/").at(-1) ?? image;
  const count = new Map<string, number>();
  for (const { image } of builds) count.set(endOf(image), (count.get(endOf(image)) ?? 0) + 1);
  const nameOf = (label: string): string => {
    const image = byLabel.get(label)?.image ?? label;
    return count.get(endOf(image)) === 1 ? endOf(image) : (image.split("/").at(-1) ?? image);
  };
  const names = new Set(builds.map(({ label }) => nameOf(label)));
  const name = names.size === builds.length ? nameOf : (label: string) => byLabel.get(label)?.image ?? label;
  return nodes.map((node) => ({
    name: name(node.name),
    image: byLabel.get(node.name)?.image ?? "",
    after: node.after.map(name),
    upstreams: node.upstreams,
    ...(node.base === undefined ? {} : { base: node.base }),
    recipe: byLabel.get(node.name)?.recipe ?? null,
    replaces: node.replaces,
    label: node.name,
    trigger: byLabel.get(node.name)?.trigger ?? null,
  }));
}

/** Groups connected steps; each group becomes a pipeline. Steps must be in order. */
export function familiesOf(steps: readonly ImportedStep[]): Family[] {
  const familyOf = new Map<string, Family>();
  const families = new Set<Family>();
  for (const step of steps) {
    const joined = new Set(
      step.after.map((name) => familyOf.get(name)).filter((family) => family !== undefined),
    );
    const [first = [], ...others] = joined;
    for (const other of others) {
      families.delete(other);
      for (const moved of other) familyOf.set(moved.name, first);
      first.push(...other);
    }
    first.push(step);
    families.add(first);
    familyOf.set(step.name, first);
  }
  return [...families];
}

/** `acme/base` → `acme/base:latest`; null if it cannot be a step. */
export function fullImage(text: string): string | null {
  if (text.includes("@")) return null;
  const { registry, repository, tag } = readReference(text);
  const parsed = parseImage(`${registry === null ? "" : `${registry}/`}${repository}:${tag}`, null);
  return parsed.kind === "image" ? imageName(parsed.image) : null;
}
