import { describe, expect, test } from "vitest";
import { hour, minute } from "../run/story.ts";
import { compile, problemsOf, steps } from "./compile-one.ts";

describe("an upstream", () => {
  test("is named as in FROM, and checked every six hours by default", () => {
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

  test("of a pipeline is an upstream of its first steps", () => {
    const pipeline = compile({ upstream: "debian:12", sequence: [["acme/a:1", "acme/b:1"], "acme/c:1"] });
    expect(pipeline?.steps.map(({ upstreams }) => upstreams)).toEqual([
      ["library/debian:12"],
      ["library/debian:12"],
      [],
    ]);
  });

  test.each([
    [
      { upstream: "ghcr.io/acme/A:1" },
      'pipelines.p.upstream: expected a repository such as ghcr.io/namespace/repo in lower case, found "ghcr.io/acme/A"',
    ],
    [
      { upstream: "debian@sha256:01" },
      'pipelines.p.upstream: expected a tag, found the digest in "debian@sha256:01"',
    ],
    [
      { upstream: "acme/base:1" },
      'pipelines.p: expected an image from outside the pipeline as upstream of step "base", found acme/base:1, which is step "base"; use "after"',
    ],
    [
      { upstreamEvery: "1h" },
      'pipelines.p.upstreamEvery: expected an "upstream" in the pipeline or a step, found none',
    ],
    [
      { upstream: "debian:12", upstreamEvery: "30s" },
      'pipelines.p.upstreamEvery: expected at least 1m, found "30s"',
    ],
  ])("has to be an image from outside the pipeline: %j", (more, problem) => {
    expect(problemsOf({ ...more, steps })).toEqual([problem]);
  });
});
