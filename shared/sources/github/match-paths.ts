// Matches paths and branches against a list of patterns, as in the filters of GitHub's workflows: `!` excludes, and the
// last pattern that matches decides.
import { compilePattern } from "./pattern.ts";

export type Matches = (path: string) => boolean;

/** A pattern without wildcards also matches everything under that path. */
export function matchPaths(patterns: readonly string[]): Matches {
  return matchLast(patterns, (pattern) => {
    const path = pattern.replace(/^\.?\//, "");
    const bare = path.replace(/\/+$/, "");
    const isFolder = path !== bare || !/[*?[{]/.test(path);
    const alternatives = isFolder ? [bare, `${bare}/**`] : [bare];
    return anyOf(alternatives.map(compilePattern));
  });
}

export function matchBranches(patterns: readonly string[]): Matches {
  return matchLast(patterns, compilePattern);
}

function anyOf(all: readonly Matches[]): Matches {
  return (path) => all.some((matches) => matches(path));
}

/** If the first pattern excludes, what matches no pattern is included. */
function matchLast(patterns: readonly string[], compile: (pattern: string) => Matches): Matches {
  const rules = patterns.map((pattern) => {
    const isExclusion = pattern.startsWith("!");
    return { isExclusion, matches: compile(isExclusion ? pattern.slice(1) : pattern) };
  });
  const isIncludedByDefault = rules[0]?.isExclusion ?? false;
  return (path) => {
    const last = rules.findLast(({ matches }) => matches(path));
    return last === undefined ? isIncludedByDefault : !last.isExclusion;
  };
}
