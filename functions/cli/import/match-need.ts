// Finds the build that makes an image: by its name, by its repository and the most similar tag, or by its last part.
import { bestOf, type Fits } from "./best-fit.ts";
import type { Build } from "./build.ts";
import type { Need } from "./dockerfile.ts";
import { readReference } from "./image-reference.ts";
import { quote } from "./imported.ts";
import { officialImages, systemImages } from "./official-images.ts";
import { wordsOf } from "./similar-tags.ts";

export type BuildIndex = Fits & {
  byImage: Map<string, Build>;
  byRepository: Map<string, Build[]>;
  byLastPart: Map<string, Build[]>;
  /** By names without a namespace. */
  byName: Map<string, Build[]>;
  namespaces: Set<string>;
  /** Those from which FROM lines take images of the builds, or which all builds have. */
  ownNamespaces: Set<string>;
  /** Whether an official image's name means an own image, as far as it was asked. */
  ownOfficial: Map<string, boolean>;
};

export function indexBuilds(builds: readonly Build[]): BuildIndex {
  const index: BuildIndex = {
    byImage: new Map(),
    byRepository: new Map(),
    byLastPart: new Map(),
    byName: new Map(),
    namespaces: new Set(),
    ownNamespaces: new Set(),
    tagWords: new Map(),
    fitting: new Map(),
    ownOfficial: new Map(),
  };
  for (const build of builds) {
    const names = [build.image, ...build.aliases];
    index.tagWords.set(
      build,
      names.map((name) => wordsOf(readReference(name).tag)),
    );
    for (const [position, name] of names.entries()) {
      const { registry, repository, tag } = readReference(name);
      if (!index.byImage.has(`${repository}:${tag}`)) index.byImage.set(`${repository}:${tag}`, build);
      add(index.byRepository, repository, build);
      add(index.byLastPart, lastPartOf(repository), build);
      if (position > 0) continue;
      const namespace = namespaceOf(registry, repository);
      index.namespaces.add(namespace);
    }
    for (const name of build.names ?? []) add(index.byName, name, build);
  }
  const { namespaces, byRepository, ownNamespaces } = index;
  if (namespaces.size === 1 && builds.length > 1)
    for (const namespace of namespaces) ownNamespaces.add(namespace);
  for (const { text, unknown } of builds.flatMap(({ needs }) => needs)) {
    const { registry, repository } = readReference(text);
    if (unknown.length === 0 && byRepository.has(repository))
      ownNamespaces.add(namespaceOf(registry, repository));
  }
  return index;
}

function add(map: Map<string, Build[]>, key: string, build: Build): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [build]);
  else if (found.at(-1) !== build) found.push(build);
}

function lastPartOf(repository: string): string {
  return repository.split("/").at(-1) ?? repository;
}

function namespaceOf(registry: string | null, repository: string): string {
  const path = repository.split("/").slice(0, -1).join("/");
  return registry === null ? path : `${registry}/${path}`;
}

export type Match = {
  build: Build | null;
  /** Its whole name is the build's. */
  isExact: boolean;
  /** It looks like an image of the builds, whether one was found or not. */
  isOwn: boolean;
  remark: string | null;
};

const elsewhere: Match = { build: null, isExact: false, isOwn: false, remark: null };

/** `asker` is the build that needs it. */
export function matchNeed(need: Need, asker: Build, index: BuildIndex): Match {
  const match = need.unknown.length > 0 ? matchUnknown(need, asker, index) : matchKnown(need, asker, index);
  const isSibling = match.build !== asker && isOfOneFile(match.build, asker);
  // What is built from the same file, and is not named, is an earlier version of itself.
  return isSibling && !match.isExact ? { ...match, build: asker, remark: null } : match;
}

function isOfOneFile(build: Build | null, asker: Build): boolean {
  const file = build?.recipe?.dockerfile ?? null;
  const isOne = file !== null && file === asker.recipe?.dockerfile;
  return isOne && build?.recipe?.target === asker.recipe?.target;
}

function matchKnown(need: Need, asker: Build, index: BuildIndex): Match {
  const { registry, repository, tag, isPinned } = readReference(need.text);
  const exact = index.byImage.get(`${repository}:${tag}`);
  const last = lastPartOf(repository);
  const isBare = registry === null && repository === `library/${last}`;
  if (exact !== undefined && isPinned) {
    const remark = `pins ${quote(need.text)} to a digest: it is built after ${exact.image}, but not from its new version`;
    return { build: exact, isExact: true, isOwn: true, remark };
  }
  if (exact !== undefined) return { build: exact, isExact: true, isOwn: true, remark: null };
  const ofRepository = index.byRepository.get(repository);
  if (ofRepository !== undefined && !(isBare && officialImages.has(last))) {
    return mostSimilar(need, ofRepository, asker, index);
  }
  if (isBare) return matchBare(need, last, asker, index);
  const namespace = namespaceOf(registry, repository);
  const ofLastPart = index.byLastPart.get(last);
  if (ofLastPart !== undefined && isSameOwner(namespace, index)) {
    return mostSimilar(need, ofLastPart, asker, index);
  }
  const nested = index.byLastPart.get(`${lastPartOf(namespace)}-${last}`);
  // `acme/monitor/base` is made in the folder monitor-base.
  if (nested !== undefined && isSameOwner(namespace.split("/").slice(0, -1).join("/"), index)) {
    return mostSimilar(need, nested, asker, index);
  }
  return index.ownNamespaces.has(namespace) && !officialImages.has(last)
    ? { ...elsewhere, isOwn: true, remark: `names ${quote(need.text)}, and no build here makes it` }
    : elsewhere;
}

/** `jupyter` and `quay.io/jupyter` are of one owner, as are `ghcr.io/acme` and `docker.io/acme`. */
function isSameOwner(namespace: string, { namespaces }: BuildIndex): boolean {
  const owner = lastPartOf(namespace);
  return [...namespaces].some((own) => lastPartOf(own) === owner);
}

/** A name without a namespace is that of a target, a service or a folder, or of an official image. */
function matchBare(need: Need, name: string, asker: Build, index: BuildIndex): Match {
  const isOfficial = officialImages.has(name);
  const candidates = isOfficial
    ? [...(index.byRepository.get(`library/${name}`) ?? []), ...(index.byLastPart.get(name) ?? [])]
    : [...(index.byName.get(name) ?? []), ...(index.byLastPart.get(name) ?? [])];
  if (isOfficial) {
    return isOwnOfficial(name, index) ? mostSimilar(need, candidates, asker, index) : elsewhere;
  }
  if (candidates.length > 0) return mostSimilar(need, candidates, asker, index);
  return { ...elsewhere, isOwn: true, remark: `names ${quote(need.text)}, and no build here makes it` };
}

/**
 * Whether `nginx` means an own image: some builds of that name are built from others of it, by tags that fit, and none
 * from the official image of that very tag.
 */
function isOwnOfficial(name: string, index: BuildIndex): boolean {
  const known = index.ownOfficial.get(name);
  if (known !== undefined) return known;
  const own = index.byLastPart.get(name) ?? [];
  const fits = own.flatMap((build) =>
    build.needs
      .filter(
        ({ text, unknown }) => unknown.length === 0 && readReference(text).repository === `library/${name}`,
      )
      .map((need) => {
        const words = wordsOf(readReference(need.text).tag);
        const best = bestOf(words, own, build, 0.5, index);
        return best !== null && words.length > 0 && best.build !== build;
      }),
  );
  const isOwn = !systemImages.has(name) && fits.length > 0 && fits.every((fit) => fit);
  index.ownOfficial.set(name, isOwn);
  return isOwn;
}

/** Of several candidates, the one whose tag is the most similar, if it is similar at all. */
function mostSimilar(need: Need, candidates: readonly Build[], asker: Build, index: BuildIndex): Match {
  const { tag, isPinned } = readReference(need.text);
  const found = quote(need.text);
  const [only, ...others] = new Set(candidates);
  const best = bestOf(wordsOf(tag), candidates, asker, others.length === 0 ? 0 : 0.5, index);
  if (only === undefined || best === null) {
    return { ...elsewhere, isOwn: true, remark: `names ${found}, and no build here has that tag` };
  }
  const { build, fit, rivals } = best;
  const own = { build, isExact: false, isOwn: true };
  if (isPinned) {
    return {
      ...own,
      remark: `pins ${found} to a digest: it is built after ${build.image}, but not from its new version`,
    };
  }
  if (others.length === 0) {
    return {
      ...own,
      remark: `names ${found}; assuming ${build.image}, although the tag differs (set it with --tag)`,
    };
  }
  if (fit.coverage >= 0.85 && rivals === 0) return { ...own, remark: null };
  const more = rivals === 0 ? "" : ` (${rivals} more would fit as well)`;
  return { ...own, remark: `names ${found}; assuming ${build.image}, whose tag is the most similar${more}` };
}

/** Of `${NAMESPACE}/base:${VERSION}` without values, only the last part is known. */
function matchUnknown(need: Need, asker: Build, index: BuildIndex): Match {
  const variables = [...new Set(need.unknown)].map(shorten);
  const found = `names ${quote(need.text)}, in which ${variables.join(", ")} ${variables.length === 1 ? "has" : "have"} no value`;
  const byHand = `${found}; add a default (ARG NAME=value), or add what it comes after by hand`;
  const { repository, tag } = readReference(need.text);
  const knownTag = tag.replace(/\$\{[^}]*\}/g, "");
  if (!repository.includes("$")) {
    const match = matchKnown(
      { ...need, text: `${repository}:${knownTag || "latest"}`, unknown: [] },
      asker,
      index,
    );
    if (match.build === null) return { ...match, remark: match.isOwn ? byHand : null };
    return {
      ...match,
      isExact: false,
      remark: `${found}; assuming ${match.build.image}, whose name ends alike`,
    };
  }
  const last = lastPartOf(repository);
  const candidates = [...(index.byLastPart.get(last) ?? []), ...(index.byName.get(last) ?? [])];
  const best = last.includes("$") ? null : bestOf(wordsOf(knownTag), candidates, asker, 0, index);
  if (best === null) return { build: null, isExact: false, isOwn: !officialImages.has(last), remark: byHand };
  const remark = `${found}; assuming ${best.build.image}, whose name ends alike`;
  return { build: best.build, isExact: false, isOwn: true, remark };
}

export function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
