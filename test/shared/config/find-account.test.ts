import { describe, expect, test } from "vitest";
import { compile, problemsOf, steps } from "./compile-one.ts";

describe("an account", () => {
  const accounts = { acme: { maxParallel: 5 }, cellar: { maxParallel: 1 } };
  const github = { repository: "acme/web", workflow: "image.yml", secret: "GITHUB_TOKEN" };
  const names = (pipeline: object) =>
    compile(pipeline, { accounts })?.steps.map(({ account }) => account?.name ?? null);

  test("is by default that of the image's namespace for builds on Docker Hub, and none for others", () => {
    expect(names({ steps })).toEqual(["acme", "acme"]);
    expect(names({ sequence: ["other/a:1"] })).toEqual([null]);
    expect(names({ trigger: { github }, steps })).toEqual([null, null]);
  });

  test("can be set for a pipeline or a step", () => {
    expect(names({ account: "cellar", steps })).toEqual(["cellar", "cellar"]);
    const web = { ...steps.web, account: "cellar", trigger: { github } };
    expect(names({ steps: { ...steps, web } })).toEqual(["acme", "cellar"]);
  });

  test("has the configured limit", () => {
    expect(compile({ steps }, { accounts })?.steps[0]?.account).toEqual({ name: "acme", maxParallel: 5 });
  });

  test("of commands is the machine, with their concurrency as its limit", () => {
    const trigger = { command: { run: "true", concurrency: 2 } };
    const [first] = compile({ trigger, account: "cellar", steps }, { accounts })?.steps ?? [];
    expect(first).toMatchObject({ account: { name: "this machine", maxParallel: 2 }, endedBy: "builder" });
    const web = { ...steps.web, account: "cellar" };
    expect(problemsOf({ trigger, steps: { ...steps, web } }, { accounts })).toEqual([
      'pipelines.p.steps.web.account: expected no account for a command, whose limit is its "concurrency", found one',
    ]);
  });

  test("has to be defined, with a limit of at least 1", () => {
    expect(problemsOf({ account: "celler", steps }, { accounts })).toEqual([
      'pipelines.p.account: expected an account defined under "accounts", found "celler"; did you mean "cellar"?',
    ]);
    expect(problemsOf({ steps }, { accounts: { acme: { maxParallel: 0 } } })).toEqual([
      "accounts.acme.maxParallel: expected at least 1, found the number 0",
    ]);
  });
});
