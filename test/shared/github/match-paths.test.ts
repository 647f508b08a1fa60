import { describe, expect, test } from "vitest";
import { matchBranches, matchPaths } from "../../../shared/github/match-paths.ts";

describe("a list of patterns", () => {
  test.each([
    // A folder, and all that is under it.
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
    // One character, one of some, one of several.
    ["v?", "v1", true],
    ["v?", "v12", false],
    ["v[0-9].[!x]", "v1.2", true],
    ["v[0-9].[!x]", "v1.x", false],
    ["{api,web}/**", "web/a", true],
    ["{api,web}/**", "worker/a", false],
    // Whatever is special elsewhere is not here.
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
  ])("of %j alone, asked for %j, says %j", (pattern, path, isMeant) => {
    expect(matchPaths([pattern])(path)).toBe(isMeant);
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
  ])("of %j, asked for %j, says %j: the last word counts", (patterns, path, isMeant) => {
    expect(matchPaths(patterns)(path)).toBe(isMeant);
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
  ])("of %j, asked for %j, says %j", (patterns, branch, isMeant) => {
    expect(matchBranches(patterns)(branch)).toBe(isMeant);
  });
});

test("a pattern with many wildcards is done with a long path at once", () => {
  const began = Date.now();
  expect(matchPaths(["**/a/**/a/**/a/**/b"])(`${"a/".repeat(2_000)}c`)).toBe(false);
  expect(Date.now() - began).toBeLessThan(2_000);
});
