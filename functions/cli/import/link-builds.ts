// Orders builds by the images they are built from.
import { imageName, parseImage } from "../../../shared/image/image.ts";
import { order } from "../../../shared/pipeline/graph.ts";
import type { Build } from "./build.ts";
import { readReference } from "./image-reference.ts";
import { ImportError, type ImportedStep, quote } from "./imported.ts";
import { type BuildIndex, indexBuilds, matchNeed, shorten } from "./match-need.ts";

export type Linked = { families: Family[]; remarks: Remark[] };
export type Family = ImportedStep[];
/** A note on a build, or on the whole import if `image` is null. */
export type Remark = { image: string | null; text: string };

export function linkBuilds(builds: readonly Build[]): Linked {
  const index = indexBuilds(builds);
  const remarks = remarksOnRegistries(builds, index);
  const nodes = builds.map((build) => linksOf(build, builds, index, remarks));
  const ordered = order(nodes);
  if (ordered.kind === "circle") {
    const circle = ordered.names.map(quote).join(" → ");
    throw new ImportError(
      `expected builds without a cycle, found one in which each is built from the next: ${circle}; change a FROM line to break it`,
    );
  }
  const steps = nameSteps(builds, removeIndirect(ordered.nodes));
  return { families: familiesOf(steps), remarks };
}

type Node = { name: string; after: string[]; upstreams: string[]; base: string | null | undefined };

function linksOf(build: Build, builds: readonly Build[], index: BuildIndex, remarks: Remark[]): Node {
  const upstreams = new Set<string>();
  const unwatched = new Set<string>();
  const links = new Set(build.after.filter((label) => builds.some((other) => other.label === label)));
  for (const need of build.needs) {
    const match = matchNeed(need, index);
    const isOwnOtherTag = match.build === build && !match.isExact;
    if (match.build === null || isOwnOtherTag) {
      const image = need.unknown.length === 0 ? fullImage(need.text) : null;
      if (image === null || index.byImage.has(image)) unwatched.add(need.text);
      else upstreams.add(image.replace(/^library\//, ""));
    } else links.add(match.build.label);
    if (match.remark !== null && !isOwnOtherTag)
      remarks.push({ image: build.image, text: `line ${need.line} of ${build.label} ${match.remark}` });
  }
  if (unwatched.size > 0) {
    const names = [...unwatched].map(shorten).join(", ");
    const text = `${build.image} is built from ${names}, which is not built here: a change of it starts no run`;
    remarks.push({ image: build.image, text });
  }
  return { name: build.label, after: [...links], upstreams: [...upstreams], base: baseOf(build, index) };
}

/** The image that the build stands on; undefined if that is not known. */
function baseOf({ base }: Build, index: BuildIndex): string | null | undefined {
  if (base === undefined || base === null) return base;
  const { build } = matchNeed(base, index);
  return build?.image ?? (base.unknown.length === 0 ? (fullImage(base.text) ?? undefined) : undefined);
}

/** One for each registry, as users of a mirror name it in every file. */
function remarksOnRegistries(builds: readonly Build[], index: BuildIndex): Remark[] {
  const texts = new Map<string, string>();
  for (const { label, needs } of builds) {
    for (const need of needs) {
      const { registry } = readReference(need.text);
      const build = registry === null || texts.has(registry) ? null : matchNeed(need, index).build;
      if (registry === null || build === null || build.image === fullImage(need.text)) continue;
      const found = `${quote(need.text)} in line ${need.line} of ${label} is assumed to be ${build.image}`;
      texts.set(registry, `${found}; pushes to ${registry} are not noticed`);
    }
  }
  return [...texts.values()].map((text) => ({ image: null, text }));
}

/** If `b` comes after `a`, and `c` after both, then `c` comes after `b` is enough. */
function removeIndirect(nodes: readonly Node[]): Node[] {
  const before = new Map<string, Set<string>>();
  return nodes.map(({ name, after, ...rest }) => {
    const indirect = new Set(after.flatMap((other) => [...(before.get(other) ?? [])]));
    before.set(name, new Set([...after, ...indirect]));
    return { name, after: after.filter((other) => !indirect.has(other)), ...rest };
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
