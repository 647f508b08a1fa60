// Which paths and branches a list of patterns means, as in the filters of GitHub's workflows: `!` takes away again, and
// the last word counts.
import { compilePattern } from "./pattern.ts";

export type Matches = (path: string) => boolean;

/** A path without any wildcard means all that is under it, too. */
export function matchPaths(patterns: readonly string[]): Matches {
  return lastWord(patterns, (pattern) => {
    const path = pattern.replace(/^\.?\//, "");
    const bare = path.replace(/\/+$/, "");
    const isFolder = path !== bare || !/[*?[{]/.test(path);
    const alternatives = isFolder ? [bare, `${bare}/**`] : [bare];
    return anyOf(alternatives.map(compilePattern));
  });
}

export function matchBranches(patterns: readonly string[]): Matches {
  return lastWord(patterns, compilePattern);
}

function anyOf(all: readonly Matches[]): Matches {
  return (path) => all.some((matches) => matches(path));
}

/** A list that begins by taking away takes away from everything. */
function lastWord(patterns: readonly string[], compile: (pattern: string) => Matches): Matches {
  const rules = patterns.map((pattern) => {
    const takesAway = pattern.startsWith("!");
    return { takesAway, matches: compile(takesAway ? pattern.slice(1) : pattern) };
  });
  const unlessTold = rules[0]?.takesAway ?? false;
  return (path) => {
    const last = rules.findLast(({ matches }) => matches(path));
    return last === undefined ? unlessTold : !last.takesAway;
  };
}
