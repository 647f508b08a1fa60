// Finds the build that makes an image: by its name, else by its repository, else by the last part of its name.
import type { Build } from "./build.ts";
import type { Need } from "./dockerfile.ts";
import { readReference } from "./image-reference.ts";
import { quote } from "./imported.ts";

export type BuildIndex = {
  byImage: Map<string, Build>;
  byRepository: Map<string, Build[]>;
  byLastPart: Map<string, Build[]>;
};

export function indexBuilds(builds: readonly Build[]): BuildIndex {
  const index: BuildIndex = { byImage: new Map(), byRepository: new Map(), byLastPart: new Map() };
  for (const build of builds) {
    for (const name of [build.image, ...build.aliases]) {
      const { repository, tag } = readReference(name);
      if (!index.byImage.has(`${repository}:${tag}`)) index.byImage.set(`${repository}:${tag}`, build);
    }
    const { repository } = readReference(build.image);
    index.byRepository.set(repository, [...(index.byRepository.get(repository) ?? []), build]);
    const last = repository.split("/").at(-1) ?? "";
    index.byLastPart.set(last, [...(index.byLastPart.get(last) ?? []), build]);
  }
  return index;
}

export type Match = { build: Build | null; isExact: boolean; remark: string | null };

export function matchNeed(need: Need, index: BuildIndex): Match {
  const reference = readReference(need.text);
  const found = quote(need.text);
  const exact = index.byImage.get(`${reference.repository}:${reference.tag}`);
  const ofRepository = index.byRepository.get(reference.repository) ?? [];
  const [only, ...others] = exact === undefined ? ofRepository : [exact];
  if (only !== undefined && others.length === 0) {
    const isExact = exact !== undefined;
    if (reference.isPinned) {
      const remark = `pins ${found} to a digest: it is built after ${only.image}, but not from its new version`;
      return { build: only, isExact, remark };
    }
    const remark = isExact
      ? null
      : `names ${found}; assuming ${only.image}, although the tag differs (set it with --tag)`;
    return { build: only, isExact, remark };
  }
  if (others.length > 0) {
    return { build: null, isExact: false, remark: `names ${found}, and no build here has that tag` };
  }
  return need.unknown.length === 0
    ? { build: null, isExact: false, remark: null }
    : matchLastPart(need, reference.repository, index);
}

/** Of `${NAMESPACE}/base:${VERSION}` without values, only the last part is known. */
function matchLastPart(need: Need, repository: string, index: BuildIndex): Match {
  const variables = [...new Set(need.unknown)].map(shorten);
  const [only, ...others] = index.byLastPart.get(repository.split("/").at(-1) ?? "") ?? [];
  const found = `names ${quote(need.text)}, in which ${variables.join(", ")} ${variables.length === 1 ? "has" : "have"} no value`;
  return only !== undefined && others.length === 0
    ? { build: only, isExact: false, remark: `${found}; assuming ${only.image}, whose name ends alike` }
    : {
        build: null,
        isExact: false,
        remark: `${found}; add a default (ARG NAME=value), or add what it comes after by hand`,
      };
}

export function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
