import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { ConfigError } from "../../../shared/config/config-error.ts";

const compile = (pipeline: Record<string, unknown>) => {
  const [compiled] = compileConfig({ pipelines: { p: pipeline } }).pipelines;
  if (compiled === undefined) throw new Error("expected a pipeline");
  return compiled;
};
function problemsOf(pipeline: Record<string, unknown>): string[] {
  try {
    compile(pipeline);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}
const command = (run: string) => ({ command: { run } });
const build = command("build {image} --pins {pins}");

describe("a gate", () => {
  test("without a trigger waits for a person, a week by default, and is not tried again", () => {
    const { steps } = compile({ steps: { a: { image: "acme/a:1" }, gate: { gate: true, after: "a" } } });
    expect(steps[1]).toMatchObject({
      image: null,
      trigger: { kind: "approval" },
      endedBy: "builder",
      timeoutMs: 7 * 86_400_000,
      retries: 0,
    });
  });

  test("does not take its pipeline's trigger, which builds images", () => {
    const { steps } = compile({ trigger: command("build {image}"), steps: { gate: { gate: true } } });
    expect(steps[0]?.trigger.kind).toBe("approval");
  });

  test("with a trigger waits for its job", () => {
    const scan = { gate: true, after: "a", trigger: command("scan {base}"), timeout: "10m", retries: 2 };
    const { steps } = compile({ timeout: "1h", steps: { a: { image: "acme/a:1" }, scan } });
    expect(steps[1]).toMatchObject({ trigger: { kind: "command" }, timeoutMs: 600_000, retries: 2 });
  });

  test("before all images leaves the pipeline's upstreams to the first image", () => {
    const { steps } = compile({
      upstream: "debian:12",
      steps: { gate: { gate: true }, a: { image: "acme/a:1", after: "gate" } },
    });
    expect(steps.map(({ upstreams }) => upstreams)).toEqual([[], ["library/debian:12"]]);
  });

  test.each([
    [{ gate: true, image: "acme/a:1" }, 'expected either an image to build or "gate: true", found both'],
    [{}, 'expected either an image to build or "gate: true", found neither'],
    [{ gate: false }, "expected true, found the boolean false"],
    [{ gate: true, platforms: ["linux/amd64"] }, 'expected no "platforms" for a gate, which builds nothing'],
    [{ gate: true, delay: "1m" }, 'expected no "delay" for a gate, which builds nothing'],
    [{ gate: true, retries: 2 }, 'expected no "retries" for a gate that a person approves; give the gate'],
    [
      { gate: true, identity: { issuer: "https://token.example.org", claims: { sub: "a" } } },
      'expected no "identity" for a gate that a person approves; give the gate',
    ],
    [{ gate: true, account: "a" }, 'expected no "account" for a gate that a person approves; give the gate'],
    [
      { gate: true, trigger: { dockerhub: { secret: "A" } } },
      "expected github, gitlab, codebuild, http or command as the trigger of a gate, or none for an approval, found dockerhub, which builds images only",
    ],
    [
      { gate: true, trigger: command("scan {image}") },
      "expected no {image} in the trigger of a gate, which has no image; {base} has the images that come before it",
    ],
  ])("%j is refused", (gate, message) => {
    const problems = problemsOf({ steps: { gate } });
    expect(problems.join("\n")).toContain(message);
  });
});

describe("promote: together", () => {
  const family = (trigger: unknown, image = "acme/a:1") =>
    problemsOf({
      promote: "together",
      trigger,
      steps: { a: { image }, b: { image: "acme/b:1", after: "a" } },
    });

  test("is accepted where builds push the tag that they are given, from the images that they are given", () => {
    expect(family(build)).toEqual([]);
    expect(family(command("build {tag} {digest:a}")).join()).toContain("{digest:STEP}");
    const http = { http: { url: "https://ci.example.org/{image}", body: { base: "{base}" } } };
    expect(family(http)).toEqual([]);
  });

  test("is refused for builds that would push the tag itself", () => {
    expect(family({ dockerhub: { secret: "A" } })).toEqual([
      'pipelines.p.promote: expected a trigger that can push another tag for step "a" with "promote: together", found dockerhub, whose builds push the tags of their build rules',
      'pipelines.p.promote: expected a trigger that can push another tag for step "b" with "promote: together", found dockerhub, whose builds push the tags of their build rules',
    ]);
    expect(family(command("make {step} {pins}"))).toHaveLength(2);
  });

  test("is refused for builds that do not know the candidates to start from", () => {
    expect(family(command("build {image}"))).toEqual([
      'pipelines.p.promote: expected {pins}, {base} or {digest:STEP} in the trigger for step "b" with "promote: together", found none; without it, the build cannot know the candidates that it has to start from',
    ]);
  });

  test("is refused for a tag to which the name of the run cannot be added", () => {
    expect(family(build, `acme/a:${"1".repeat(102)}`)).toEqual([]);
    expect(family(build, `acme/a:${"1".repeat(103)}`)).toEqual([
      'pipelines.p.promote: expected a tag of at most 102 characters for step "a" with "promote: together", found 103; the name of the run is added to it',
    ]);
  });
});
