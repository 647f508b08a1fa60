import { describe, expect, test } from "vitest";
import { compile, problemsOf, steps } from "./compile-one.ts";

describe("a source", () => {
  test("defaults to the branch main and all files of the repository", () => {
    const source = { github: "acme/images" };
    expect(compile({ source, steps })?.source).toEqual({
      repository: "acme/images",
      branches: ["main"],
      paths: [],
    });
    const more = { ...source, branch: ["main", "release-*"], paths: "!docs/**" };
    expect(compile({ source: more, steps })?.source).toEqual({
      repository: "acme/images",
      branches: ["main", "release-*"],
      paths: ["!docs/**"],
    });
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
    [{ github: "acme" }, 'expected a repository such as owner/name, found "acme"'],
    [{}, "expected a repository such as owner/name, found nothing"],
  ])("has to be owner/name: %j", (source, problem) => {
    expect(problemsOf({ source, steps })).toEqual([`pipelines.p.source.github: ${problem}`]);
  });
});
