import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/core/compile.ts";
import { ConfigError } from "../../../shared/core/config-error.ts";
import { hour, minute } from "./story.ts";

const compile = (pipeline: object, more: object = {}) =>
  compileConfig({ pipelines: { p: pipeline }, ...more }).pipelines[0];

function problemsOf(pipeline: object, more: object = {}): string[] {
  try {
    compile(pipeline, more);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

const steps = { base: { image: "acme/base:1" }, web: { image: "acme/web:1", after: "base" } };

describe("a source", () => {
  test("is a repository, its branch main and all of its files unless told", () => {
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

  test("has paths that are those of a step", () => {
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
  ])("is named as owner/name: %j", (source, problem) => {
    expect(problemsOf({ source, steps })).toEqual([`pipelines.p.source.github: ${problem}`]);
  });
});

describe("an upstream", () => {
  test("is named as in FROM, and looked at every six hours unless told", () => {
    const pipeline = compile({
      steps: { ...steps, web: { ...steps.web, upstream: ["debian", "acme/x:2"] } },
    });
    expect(pipeline?.steps.map(({ upstreams }) => upstreams)).toEqual([
      [],
      ["library/debian:latest", "acme/x:2"],
    ]);
    expect(pipeline?.upstreamEveryMs).toBe(6 * hour);
    const often = compile({ upstream: "debian:12", upstreamEvery: "30m", steps });
    expect(often?.upstreamEveryMs).toBe(30 * minute);
  });

  test("of a pipeline is one of the steps that it begins with", () => {
    const pipeline = compile({ upstream: "debian:12", sequence: [["acme/a:1", "acme/b:1"], "acme/c:1"] });
    expect(pipeline?.steps.map(({ upstreams }) => upstreams)).toEqual([
      ["library/debian:12"],
      ["library/debian:12"],
      [],
    ]);
  });

  test.each([
    [
      { upstream: "ghcr.io/acme/a:1" },
      'pipelines.p.upstream: expected a repository on Docker Hub, found one on "ghcr.io"',
    ],
    [
      { upstream: "debian@sha256:01" },
      'pipelines.p.upstream: expected a tag, found the digest in "debian@sha256:01"',
    ],
    [
      { upstream: "acme/base:1" },
      'pipelines.p: expected images from elsewhere as upstream of step "base", found acme/base:1, which is step "base"; use "after"',
    ],
    [
      { upstreamEvery: "1h" },
      'pipelines.p.upstreamEvery: expected an "upstream" in the pipeline or a step, found none',
    ],
    [
      { upstream: "debian:12", upstreamEvery: "30s" },
      'pipelines.p.upstreamEvery: expected at least 1m, found "30s"',
    ],
  ])("is an image of Docker Hub from elsewhere: %j", (more, problem) => {
    expect(problemsOf({ ...more, steps })).toEqual([problem]);
  });
});

describe("an account", () => {
  const accounts = { acme: { maxParallel: 5 }, cellar: { maxParallel: 1 } };
  const github = { repository: "acme/web", workflow: "image.yml", secret: "GITHUB_TOKEN" };
  const names = (pipeline: object) =>
    compile(pipeline, { accounts })?.steps.map(({ account }) => account?.name ?? null);

  test("is that of the image's namespace where Docker Hub builds, and nobody's where others do", () => {
    expect(names({ steps })).toEqual(["acme", "acme"]);
    expect(names({ sequence: ["other/a:1"] })).toEqual([null]);
    expect(names({ trigger: { github }, steps })).toEqual([null, null]);
  });

  test("may be told, by the pipeline or a step", () => {
    expect(names({ account: "cellar", steps })).toEqual(["cellar", "cellar"]);
    const web = { ...steps.web, account: "cellar", trigger: { github } };
    expect(names({ steps: { ...steps, web } })).toEqual(["acme", "cellar"]);
  });

  test("does so many builds at once as stands there", () => {
    expect(compile({ steps }, { accounts })?.steps[0]?.account).toEqual({ name: "acme", maxParallel: 5 });
  });

  test("of commands is the machine, and their concurrency its limit", () => {
    const trigger = { command: { run: "true", concurrency: 2 } };
    const [first] = compile({ trigger, account: "cellar", steps }, { accounts })?.steps ?? [];
    expect(first).toMatchObject({ account: { name: "this machine", maxParallel: 2 }, endedBy: "builder" });
    const web = { ...steps.web, account: "cellar" };
    expect(problemsOf({ trigger, steps: { ...steps, web } }, { accounts })).toEqual([
      'pipelines.p.steps.web.account: expected no account for a command, whose limit is its "concurrency", found one',
    ]);
  });

  test("has to stand there", () => {
    expect(problemsOf({ account: "celler", steps }, { accounts })).toEqual([
      'pipelines.p.account: expected an account that stands under "accounts", found "celler"; did you mean "cellar"?',
    ]);
    expect(problemsOf({ steps }, { accounts: { acme: { maxParallel: 0 } } })).toEqual([
      "accounts.acme.maxParallel: expected at least 1, found the number 0",
    ]);
  });
});
