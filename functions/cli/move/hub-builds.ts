// What the rules build, with all that lies beside the Dockerfiles in the checkouts: hooks and tests.
import { posix } from "node:path";
import type { FilesView } from "../import/files-view.ts";
import { type Checkout, checkoutOf, joinViews } from "./checkouts.ts";
import { viewRef } from "./git-view.ts";
import type { HubSource, Rule } from "./hub-source.ts";
import { type BuildPaths, pathsOf, readRule } from "./rules.ts";

export type HubBuild = {
  source: HubSource;
  rule: Rule;
  /** All tags, the first of which is the step; none for a rule whose tags depend on what is pushed. */
  tags: readonly string[];
  /** The regular expression of such a rule. */
  pattern: string | null;
  paths: BuildPaths;
  /** Where its files are in the joined tree. */
  prefix: string;
  checkout: Checkout | null;
  /** The text of its Dockerfile; null if it cannot be read. */
  dockerfile: string | null;
  hooks: readonly string[];
  tests: readonly string[];
};
export type Unread = { source: HubSource; rule: Rule; problem: string };
export type HubBuilds = {
  builds: HubBuild[];
  unread: Unread[];
  files: FilesView;
  /** Checkouts without the branch or tag of a rule. */
  missingRefs: string[];
};

export const hookNames = [
  ...["post_checkout", "pre_build", "build", "post_build", "pre_test", "test", "post_test"],
  ...["pre_push", "push", "post_push"],
];

export function readBuilds(sources: readonly HubSource[], checkouts: readonly Checkout[]): HubBuilds {
  const views = new Map<string, FilesView>();
  const missingRefs = new Set<string>();
  const builds: HubBuild[] = [];
  const unread: Unread[] = [];
  for (const source of sources) {
    const checkout = checkoutOf(checkouts, source);
    for (const rule of source.rules) {
      const read = readRule(rule);
      if (read.kind === "problem") {
        unread.push({ source, rule, problem: read.problem });
        continue;
      }
      // A pattern has many branches or tags: the files are those that are checked out.
      const ref = read.kind === "pattern" ? "" : `@${rule.source}`;
      const prefix = `${source.repository}${ref}`;
      if (checkout !== null && !views.has(prefix)) {
        const view = viewRef(checkout.folder, rule.type, rule.source);
        views.set(prefix, keepPaths(view.files));
        if (view.isOther && read.kind === "fixed")
          missingRefs.add(`${checkout.shown} has no ${rule.type.toLowerCase()} ${rule.source}`);
      }
      const base = { source, rule, checkout, prefix, paths: pathsOf(rule) };
      const found = lookBeside(views.get(prefix) ?? null, base.paths.dockerfile);
      const tags = read.kind === "fixed" ? read.tags : [];
      builds.push({ ...base, ...found, tags, pattern: read.kind === "pattern" ? read.pattern : null });
    }
  }
  return { builds, unread, files: joinViews(views), missingRefs: [...missingRefs] };
}

/** Listing a large checkout takes time, and each rule asks for it. */
function keepPaths(files: FilesView): FilesView {
  let paths: readonly string[] | null = null;
  return {
    ...files,
    paths: () => {
      paths ??= files.paths();
      return paths;
    },
  };
}

function lookBeside(files: FilesView | null, path: string): Pick<HubBuild, "dockerfile" | "hooks" | "tests"> {
  const folder = posix.dirname(path);
  const beside = (files?.paths() ?? []).filter((one) => one.startsWith(folder === "." ? "" : `${folder}/`));
  const names = beside.map((one) => posix.relative(folder, one));
  const file = files?.read(path);
  return {
    dockerfile: file?.kind === "text" ? file.text : null,
    hooks: hookNames.filter((name) => names.includes(`hooks/${name}`)),
    tests: names.filter((name) => /^[^/]+[.-]test\.yml$/.test(name)),
  };
}

/** The name of the step. */
export function imageOf({ source, tags }: Pick<HubBuild, "source" | "tags">): string {
  return `${source.image}:${tags[0] ?? "latest"}`;
}
