import { describe, expect, test } from "vitest";
import { matchBranches, matchPaths } from "../../../../shared/sources/github/match-paths.ts";

describe("a list of patterns", () => {
  test.each([
    // A folder, and everything under it.
    ["images/base", "images/base", true],
    ["images/base", "images/base/Dockerfile", true],
    ["images/base/", "images/base/a/b", true],
    ["/images/base", "images/base/Dockerfile", true],
    ["./images/base", "images/base/Dockerfile", true],
    ["images/base", "images/base-2/Dockerfile", false],
    ["images/base", "old/images/base", false],
    ["Dockerfile", "Dockerfile", true],
    ["Dockerfile", "web/Dockerfile", false],
    ["images/*/", "images/a/b/c", true],
    // One folder.
    ["*", "README.md", true],
    ["*", "docs/README.md", false],
    ["*.js", "index.js", true],
    ["*.js", "index.jsx", false],
    ["*.js", "a.js/b", false],
    ["docs/*", "docs/a", true],
    ["docs/*", "docs/a/b", false],
    // Any folder.
    ["**", "a/b/c", true],
    ["docs/**", "docs/a/b", true],
    ["docs/**", "docs", false],
    ["docs/**/*.md", "docs/a.md", true],
    ["docs/**/*.md", "docs/a/b/c.md", true],
    ["**/docs/**", "docs/a", true],
    ["**/docs/**", "a/b/docs/c", true],
    ["**/docs/**", "a/mydocs/c", false],
    ["**.js", "a/b.js", true],
    ["**-post.md", "posts/my-post.md", true],
    ["**/migrate-*.sql", "db/migrate-1.sql", true],
    // Names with a leading dot are names.
    ["images/base/**", "images/base/.dockerignore", true],
    ["**", ".github/workflows/a.yml", true],
    ["*", ".env", true],
    // Any character, a set of characters, alternatives.
    ["v?", "v1", true],
    ["v?", "v12", false],
    ["v[0-9].[!x]", "v1.2", true],
    ["v[0-9].[!x]", "v1.x", false],
    ["{api,web}/**", "web/a", true],
    ["{api,web}/**", "worker/a", false],
    // Characters that are special elsewhere.
    ["a.b", "acb", false],
    ["a+(b)|^c$", "a+(b)|^c$", true],
    ["a\\b", "a\\b", true],
    ["[z-a]", "[z-a]", true],
    ["[", "[", true],
    ["{", "{", true],
    ["{a,b{c,d}}/x", "bd/x", true],
    ["**/{a,b}.md", "x/y/b.md", true],
    ["docs/[ä-ü]", "docs/ö", true],
    ["docs/?", "docs/🐳", true],
    ["docs/*", "docs/a\nb", true],
  ])("with only %j, matches %j: %j", (pattern, path, matches) => {
    expect(matchPaths([pattern])(path)).toBe(matches);
  });

  test.each([
    [["images/**", "!images/**/*.md"], "images/a/b.sh", true],
    [["images/**", "!images/**/*.md"], "images/a/b.md", false],
    [["images/**", "!images/**/*.md", "images/a/b.md"], "images/a/b.md", true],
    [["images/**", "!**"], "images/a", false],
    [["!**", "images"], "images/a", true],
    [["!docs"], "docs/a", false],
    [["!docs"], "images/a", true],
    [["a", "b"], "b/c", true],
    [["a", "b"], "c", false],
  ])("with %j, matches %j: %j, because the last match decides", (patterns, path, matches) => {
    expect(matchPaths(patterns)(path)).toBe(matches);
  });
});

describe("a list of branches", () => {
  test.each([
    [["main"], "main", true],
    [["main"], "main/1", false],
    [["main"], "Main", false],
    [["release/*"], "release/1", true],
    [["release/*"], "release/1/2", false],
    [["release/**"], "release/1/2", true],
    [["main", "v[0-9]*"], "v2", true],
    [["**", "!dependabot/**"], "dependabot/npm/a", false],
    [["**", "!dependabot/**"], "feature/a", true],
  ])("with %j, matches %j: %j", (patterns, branch, matches) => {
    expect(matchBranches(patterns)(branch)).toBe(matches);
  });
});

test("a pattern with many wildcards matches a long path quickly", () => {
  const began = Date.now();
  expect(matchPaths(["**/a/**/a/**/a/**/b"])(`${"a/".repeat(2_000)}c`)).toBe(false);
  expect(Date.now() - began).toBeLessThan(2_000);
});
