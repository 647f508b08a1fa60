import { describe, expect, test } from "vitest";
import { compile, problemsOf, steps } from "./compile-one.ts";

describe("a source", () => {
  test("defaults to the branch main and all files of the repository", () => {
    const source = { github: "acme/images" };
    expect(compile({ source, steps })?.source).toEqual({
      host: "github",
      repository: "acme/images",
      branches: ["main"],
      tags: [],
      paths: [],
    });
    const more = { ...source, branch: ["main", "release-*"], paths: "!docs/**" };
    expect(compile({ source: more, steps })?.source).toEqual({
      host: "github",
      repository: "acme/images",
      branches: ["main", "release-*"],
      tags: [],
      paths: ["!docs/**"],
    });
  });

  test.each([
    ["gitlab", "acme/team/images"],
    ["bitbucket", "acme/images"],
  ])("may be at %s", (host, repository) => {
    expect(compile({ source: { [host]: repository }, steps })?.source).toMatchObject({ host, repository });
  });

  test("with tags has no branch by default", () => {
    const tagged = compile({ source: { github: "acme/images", tags: "v*" }, steps });
    expect(tagged?.source).toMatchObject({ branches: [], tags: ["v*"] });
  });

  test("is required for the paths of steps", () => {
    const withPaths = { ...steps, web: { ...steps.web, paths: ["web/**", "shared.txt"] } };
    const pipeline = compile({ source: { github: "acme/images" }, steps: withPaths });
    expect(pipeline?.steps.map(({ paths }) => paths)).toEqual([[], ["web/**", "shared.txt"]]);
    expect(problemsOf({ steps: withPaths })).toEqual([
      'pipelines.p.steps.web.paths: expected a "source" in the pipeline, found none',
    ]);
  });

  test.each([
    [{ github: "acme" }, ".github", 'expected a repository such as owner/name, found "acme"'],
    [{ gitlab: "acme" }, ".gitlab", 'expected a project such as group/name, found "acme"'],
    [{ bitbucket: "a/b/c" }, ".bitbucket", 'expected a repository such as owner/name, found "a/b/c"'],
    [{}, "", 'expected one of "github", "gitlab" and "bitbucket", found none or more'],
    [
      { github: "acme/a", gitlab: "acme/a" },
      "",
      'expected one of "github", "gitlab" and "bitbucket", found none or more',
    ],
    [{ gitlab: "acme/a", brnach: "main" }, "", 'unknown key "brnach"; did you mean "branch"?'],
  ])("has to be one repository: %j", (source, path, problem) => {
    expect(problemsOf({ source, steps })).toEqual([`pipelines.p.source${path}: ${problem}`]);
  });
});
