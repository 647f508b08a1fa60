// Chooses among the builds of a repository the one that fits a tag best.
import type { Build } from "./build.ts";
import { type Fit, fitOf, isBetter } from "./similar-tags.ts";

/** What was found already. */
export type Fits = {
  /** The words of the tags of a build's names. */
  tagWords: Map<Build, string[][]>;
  fitting: Map<string, Fitting | null>;
};

export type Best = { build: Build; fit: Fit; rivals: number };
export type Fitting = { fit: Fit; builds: Build[] };

/** Of those that fit equally well, the nearest to `asker`. */
export function bestOf(
  words: readonly string[],
  candidates: readonly Build[],
  asker: Build,
  least: number,
  index: Fits,
): Best | null {
  const fitting = fittingBest(words, candidates, index);
  if (fitting === null || fitting.fit.coverage < least) return null;
  let best: Best | null = null;
  let most = -2;
  for (const build of fitting.builds) {
    const nearness = nearnessOf(build, asker);
    if (best !== null && nearness === most) best.rivals += 1;
    if (best !== null && nearness <= most) continue;
    best = { build, fit: fitting.fit, rivals: 0 };
    most = nearness;
  }
  return best;
}

/** Kept, as many builds have the same FROM line. */
function fittingBest(words: readonly string[], candidates: readonly Build[], index: Fits): Fitting | null {
  const key = [candidates.length, candidates[0]?.label, candidates.at(-1)?.label, ...words].join(" ");
  const known = index.fitting.get(key);
  if (known !== undefined) return known;
  let best: Fitting | null = null;
  for (const build of new Set(candidates)) {
    const fit = fitOfBuild(words, build, index);
    if (best === null || isBetter(fit, best.fit)) best = { fit, builds: [build] };
    else if (!isBetter(best.fit, fit)) best.builds.push(build);
  }
  index.fitting.set(key, best);
  return best;
}

/** By the best of its names. */
function fitOfBuild(words: readonly string[], build: Build, { tagWords }: Fits): Fit {
  const fits = (tagWords.get(build) ?? [[]]).map((tag) => fitOf(words, tag, build.words ?? new Set()));
  return fits.reduce((best, fit) => (isBetter(fit, best) ? fit : best));
}

/** Builds in nearer folders, and with more words in common, are likelier. */
function nearnessOf(build: Build, asker: Build): number {
  if (build === asker) return -1;
  const [one = [], other = []] = [build, asker].map(({ recipe, label }) =>
    (recipe?.dockerfile ?? label).split("/"),
  );
  const depth = one.findIndex((folder, position) => folder !== other[position]);
  const common = [...(build.words ?? [])].filter((word) => asker.words?.has(word) === true).length;
  return Math.max(0, depth) * 100 + Math.min(99, common);
}
