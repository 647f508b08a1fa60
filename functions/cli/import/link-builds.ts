// Puts builds in order by what they are built from, and tells what comes from outside.
import { order } from "../../../shared/core/graph.ts";
import { imageName, parseImage } from "../../../shared/core/image.ts";
import type { Need } from "./dockerfile.ts";
import { readReference } from "./image-reference.ts";
import { ImportError, type ImportedStep, quote } from "./imported.ts";

export type Build = {
  /** What the user calls it: a file, a target, a service. */
  label: string;
  /** `namespace/repo:tag` */
  image: string;
  /** Other names that it is pushed by. */
  aliases: readonly string[];
  needs: readonly Need[];
  /** Labels of builds that it says it comes after. */
  after: readonly string[];
  trigger: ImportedStep["trigger"];
};

export type Linked = { families: Family[]; remarks: Remark[] };
export type Family = ImportedStep[];
/** A note on a build, or on all of them. */
export type Remark = { image: string | null; text: string };

export function linkBuilds(builds: readonly Build[]): Linked {
  const remarks: Remark[] = [];
  const known = indexOf(builds);
  remarks.push(...remarkRegistries(builds, known));
  const nodes = builds.map((build) => linksOf(build, builds, known, remarks));
  const ordered = order(nodes);
  if (ordered.kind === "circle") {
    const circle = ordered.names.map(quote).join(" → ");
    throw new ImportError(
      `expected builds in an order, found a circle, each built from the next: ${circle}; take one of these out of the circle, by another FROM`,
    );
  }
  const steps = nameSteps(builds, shorten(ordered.nodes));
  return { families: familiesOf(steps), remarks };
}

type Known = { byImage: Map<string, Build>; byRepository: Map<string, Build[]>; byEnd: Map<string, Build[]> };

function indexOf(builds: readonly Build[]): Known {
  const known: Known = { byImage: new Map(), byRepository: new Map(), byEnd: new Map() };
  for (const build of builds) {
    for (const name of [build.image, ...build.aliases]) {
      const { repository, tag } = readReference(name);
      if (!known.byImage.has(`${repository}:${tag}`)) known.byImage.set(`${repository}:${tag}`, build);
    }
    const { repository } = readReference(build.image);
    known.byRepository.set(repository, [...(known.byRepository.get(repository) ?? []), build]);
    const end = repository.split("/").at(-1) ?? "";
    known.byEnd.set(end, [...(known.byEnd.get(end) ?? []), build]);
  }
  return known;
}

function linksOf(build: Build, builds: readonly Build[], known: Known, remarks: Remark[]): Node {
  const remark = (text: string) => remarks.push({ image: build.image, text });
  const upstreams = new Set<string>();
  const unwatched = new Set<string>();
  const links = new Set(build.after.filter((label) => builds.some((other) => other.label === label)));
  for (const need of build.needs) {
    const match = matchNeed(need, known);
    if (match.build === null || (match.build === build && !match.isExact)) {
      const image = need.unknown.length === 0 ? fullImage(need.text) : null;
      if (image === null || known.byImage.has(image)) unwatched.add(need.text);
      else upstreams.add(image.replace(/^library\//, ""));
      if (match.build === null && match.remark !== null)
        remark(`line ${need.line} of ${build.label} ${match.remark}`);
      continue;
    }
    links.add(match.build.label);
    if (match.remark !== null) remark(`line ${need.line} of ${build.label} ${match.remark}`);
  }
  if (unwatched.size > 0) {
    const names = [...unwatched].map(short).join(", ");
    remark(`${build.image} is built from ${names}, which is not built here: nothing starts when it changes`);
  }
  return { name: build.label, after: [...links], upstreams: [...upstreams] };
}

/** Once for each registry: people who mirror their images name another in every file. */
function remarkRegistries(builds: readonly Build[], known: Known): Remark[] {
  const texts = new Map<string, string>();
  for (const { label, needs } of builds) {
    for (const need of needs) {
      const { registry } = readReference(need.text);
      const build = registry === null || texts.has(registry) ? null : matchNeed(need, known).build;
      if (registry === null || build === null) continue;
      const where = `${quote(need.text)}, as in line ${need.line} of ${label}, is taken for ${build.image}`;
      texts.set(registry, `${where}: what is pushed to ${registry} alone is not heard of`);
    }
  }
  return [...texts.values()].map((text) => ({ image: null, text }));
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

type Match = { build: Build | null; isExact: boolean; remark: string | null };

/** The build that makes an image: by its name, else by its repository, else by the end of its name. */
function matchNeed(need: Need, known: Known): Match {
  const reference = readReference(need.text);
  const found = quote(need.text);
  const exact = known.byImage.get(`${reference.repository}:${reference.tag}`);
  const ofRepository = known.byRepository.get(reference.repository) ?? [];
  const [only, ...others] = exact === undefined ? ofRepository : [exact];
  if (only !== undefined && others.length === 0) {
    const isExact = exact !== undefined;
    if (reference.isPinned) {
      const remark = `pins ${found} by a digest: it is built after ${only.image}, but not from what that has become`;
      return { build: only, isExact, remark };
    }
    const remark = isExact
      ? null
      : `names ${found}; taken for ${only.image}, though the tag is another (--tag sets it)`;
    return { build: only, isExact, remark };
  }
  if (others.length > 0) {
    return { build: null, isExact: false, remark: `names ${found}, and no build here has that tag` };
  }
  return need.unknown.length === 0
    ? { build: null, isExact: false, remark: null }
    : matchByEnd(need, reference.repository, known);
}

/** `${NAMESPACE}/base:${VERSION}` without values: the end of the name is all that is known. */
function matchByEnd(need: Need, repository: string, known: Known): Match {
  const variables = [...new Set(need.unknown)].map(short).join(", ");
  const [only, ...others] = known.byEnd.get(repository.split("/").at(-1) ?? "") ?? [];
  const where = `names ${quote(need.text)}, and ${variables} has no value`;
  return only !== undefined && others.length === 0
    ? { build: only, isExact: false, remark: `${where}; taken for ${only.image} by the end of its name` }
    : {
        build: null,
        isExact: false,
        remark: `${where}: give it a default (ARG NAME=value), or add what it comes after by hand`,
      };
}

type Node = { name: string; after: string[]; upstreams: string[] };

/** Without what follows from the rest: of `a`, `b` after `a`, `c` after both, `c` comes after `b`. */
function shorten(nodes: readonly Node[]): Node[] {
  const before = new Map<string, Set<string>>();
  return nodes.map(({ name, after, upstreams }) => {
    const indirect = new Set(after.flatMap((other) => [...(before.get(other) ?? [])]));
    before.set(name, new Set([...after, ...indirect]));
    return { name, after: after.filter((other) => !indirect.has(other)), upstreams };
  });
}

/** Steps are named for their repositories, and with their tags where that is not enough. */
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
    trigger: byLabel.get(node.name)?.trigger ?? null,
  }));
}

/** What hangs together is one pipeline. Steps are in order. */
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

/** `acme/base` → `acme/base:latest`, or nothing where it cannot be a step. */
export function fullImage(text: string): string | null {
  if (text.includes("@")) return null;
  const { registry, repository, tag } = readReference(text);
  const parsed = parseImage(`${registry === null ? "" : `${registry}/`}${repository}:${tag}`, null);
  return parsed.kind === "image" ? imageName(parsed.image) : null;
}
