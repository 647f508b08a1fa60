import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { ConfigError } from "../../../shared/config/config-error.ts";
import { imageNameOf } from "../../../shared/pipeline/pipeline.ts";
import { hour, minute, second } from "../run/story.ts";

const compile = (pipelines: unknown) => compileConfig({ pipelines }).pipelines;

/** The errors, one a line. */
function problems(document: unknown): string[] {
  try {
    compileConfig(document);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}
const problemsOf = (pipeline: unknown) => problems({ pipelines: { p: pipeline } });

describe("a configuration", () => {
  test("becomes graphs of steps with all their settings", () => {
    const [chain, selenium, graph] = compile({
      "void-docker": {
        image: "maddouri/void-docker",
        schedule: { cron: "0 0 * * *", timezone: "Europe/Paris" },
        trigger: { dockerhub: { secret: "VOID_DOCKER_TRIGGER" } },
        delay: "100s",
        timeout: "5h",
        retries: 1,
        sequence: ["init", "step-1", "latest"],
      },
      selenium: {
        sequence: [
          "selenium/base:latest",
          ["selenium/hub:latest", "selenium/node-base:latest"],
          "selenium/node-chrome:latest",
        ],
      },
      graph: {
        steps: {
          web: {
            image: "acme/web:1",
            after: ["base", "api"],
            timeout: "2h",
            trigger: {
              github: { repository: "acme/web", workflow: "image.yml", ref: "main", secret: "GITHUB_TOKEN" },
            },
          },
          base: { image: "acme/base:1" },
          api: { image: "acme/api:1", after: "base" },
        },
      },
    });
    expect(chain).toMatchObject({
      name: "void-docker",
      schedule: { kind: "cron", expression: "0 0 * * *", timezone: "Europe/Paris" },
      overlap: "skip",
      onPush: "propagate",
    });
    expect(chain?.steps[1]).toEqual({
      name: "step-1",
      image: { repository: "maddouri/void-docker", tag: "step-1" },
      after: ["init"],
      trigger: { kind: "dockerhub", secret: "VOID_DOCKER_TRIGGER" },
      delayMs: 100 * second,
      timeoutMs: 5 * hour,
      retries: 1,
      account: null,
      endedBy: "push",
      identity: null,
      paths: [],
      platforms: [],
      verify: "auto",
      watch: false,
      upstreams: [],
      tags: [],
    });
    expect(selenium?.steps.map(({ name, after }) => [name, after])).toEqual([
      ["selenium/base:latest", []],
      ["selenium/hub:latest", ["selenium/base:latest"]],
      ["selenium/node-base:latest", ["selenium/base:latest"]],
      ["selenium/node-chrome:latest", ["selenium/hub:latest", "selenium/node-base:latest"]],
    ]);
    expect(selenium?.steps[2]).toMatchObject({
      trigger: { kind: "dockerhub", secret: "SELENIUM_NODE_BASE_TRIGGER" },
      delayMs: 0,
      timeoutMs: 5 * hour,
      retries: 1,
    });
    expect(graph?.steps.map(({ name }) => name)).toEqual(["base", "api", "web"]);
    expect(graph?.steps[2]).toMatchObject({ after: ["base", "api"], timeoutMs: 2 * hour });
  });

  test("means the same as a sequence and as named steps", () => {
    const [short, long] = compile({
      short: { image: "acme/x", delay: "1m", sequence: ["a", ["b", "c"], "d"] },
      long: {
        image: "acme/x",
        delay: "1m",
        steps: {
          a: { image: "a" },
          b: { image: "b", after: "a" },
          c: { image: "c", after: ["a"] },
          d: { image: "d", after: ["b", "c"] },
        },
      },
    });
    expect(long?.steps).toEqual(short?.steps);
  });

  test("prefers a step's own settings to the pipeline's", () => {
    const [pipeline] = compile({
      p: {
        delay: "5m",
        retries: 3,
        steps: { a: { image: "acme/a:1", delay: "0s", retries: 0 }, b: { image: "acme/b:1" } },
      },
    });
    expect(pipeline?.steps).toMatchObject([
      { delayMs: 0, retries: 0 },
      { delayMs: 5 * minute, retries: 3 },
    ]);
  });

  test("can schedule runs at an interval, or once at a local time", () => {
    const [every, at] = compile({
      every: { schedule: { every: "6h" }, sequence: ["acme/a:1"] },
      at: { schedule: { at: "2026-12-24T03:00:00", timezone: "Europe/Paris" }, sequence: ["acme/a:1"] },
    });
    expect(every?.schedule).toEqual({ kind: "every", everyMs: 6 * hour });
    expect(at?.schedule).toMatchObject({ kind: "at", startAt: Date.UTC(2026, 11, 24, 2) });
  });

  test("keeps finished runs for 90 days by default", () => {
    const pipelines = { p: { sequence: ["acme/a:1"] } };
    expect(compileConfig({ pipelines }).historyMs).toBe(90 * 24 * hour);
    expect(compileConfig({ pipelines, history: "7d" }).historyMs).toBe(7 * 24 * hour);
  });

  test("says who may see the pages, or leaves it to the default of where the program runs", () => {
    const pipelines = { p: { sequence: ["acme/a:1"] } };
    expect(compileConfig({ pipelines }).pages).toBeNull();
    expect(compileConfig({ pipelines, pages: "token" }).pages).toBe("token");
    expect(() => compileConfig({ pipelines, pages: "private" })).toThrow(
      /^pages: expected .*"public".*"token".*"off"/,
    );
  });

  test("accepts official images without a namespace, and docker.io as a prefix", () => {
    const [pipeline] = compile({ p: { sequence: ["busybox:latest", "docker.io/acme/a:1"] } });
    expect(pipeline?.steps.map(imageNameOf)).toEqual(["library/busybox:latest", "acme/a:1"]);
  });
});

describe("the errors of a configuration", () => {
  test("are reported all at once, each with its path, what was expected and what was found", () => {
    expect(
      problems({
        pipelines: {
          one: { schedule: { cron: 5 }, sequence: ["acme/a:1", 1.1] },
          two: { sequense: ["a"], delay: "5 minutes" },
          three: { steps: { api: { image: "acme/api:1", after: "bse" }, base: { image: "acme/base:1" } } },
        },
        histroy: "7d",
      }),
    ).toEqual([
      'pipelines.one.schedule.cron: expected five fields in quotes, such as "0 0 * * *", found the number 5; put it in quotes',
      "pipelines.one.sequence[1]: expected a tag, or a stage (a list of tags), found the number 1.1; put it in quotes",
      'pipelines.two.delay: expected a duration such as 90s, 5m or 4h, found "5 minutes"',
      'pipelines.two: unknown key "sequense"; did you mean "sequence"?',
      'pipelines.three.steps.api.after: step "api" comes after unknown step "bse"; did you mean "base"?',
      'unknown key "histroy"; did you mean "history"?',
    ]);
  });

  test.each([
    [null, "expected a map, found nothing (null)"],
    [[], "expected a map, found an empty list"],
    [{}, "pipelines: expected a map, found nothing"],
    [{ pipelines: {} }, "pipelines: expected at least one pipeline, found none"],
    [{ pipelines: { p: null } }, "pipelines.p: expected a map, found nothing (null)"],
  ])("for a document without pipelines, %j", (document, problem) => {
    expect(problems(document)).toEqual([problem]);
  });

  test.each([
    [{}, 'pipelines.p: expected either "sequence" or "steps", found neither'],
    [
      { sequence: ["acme/a:1"], steps: { a: { image: "acme/a:1" } } },
      'pipelines.p: expected either "sequence" or "steps", found both',
    ],
    [{ steps: {} }, "pipelines.p.steps: expected at least one step, found none"],
    [
      { sequence: ["a"] },
      'pipelines.p.sequence[0]: expected namespace/repo:tag, found the tag "a" alone; give the pipeline an "image", the repository of such tags',
    ],
    [
      { sequence: ["acme/a"] },
      'pipelines.p.sequence[0]: expected namespace/repo:tag, found no tag in "acme/a"; did you mean "acme/a:latest"?',
    ],
    [
      { sequence: ["a..b/acme/a:1"] },
      'pipelines.p.sequence[0]: expected the host of a registry such as ghcr.io or registry.example.org:5000, found "a..b"',
    ],
    [
      { sequence: ["acme/a@sha256:0123"] },
      'pipelines.p.sequence[0]: expected a tag, found the digest in "acme/a@sha256:0123"',
    ],
    [
      { image: "acme/a:1", sequence: ["b"] },
      'pipelines.p.image: expected a repository without a tag, found "acme/a:1"',
    ],
    [
      { sequence: ["acme/a:1", ["acme/b:1", "acme/a:1"]] },
      'pipelines.p.sequence[1][1]: expected each image once in a pipeline, found acme/a:1 twice (first as step "acme/a:1")',
    ],
    [
      { sequence: ["acme/a:1"], retries: 11 },
      "pipelines.p.retries: expected at most 10, found the number 11",
    ],
    [
      { sequence: ["acme/a:1"], timeout: "0s" },
      'pipelines.p.timeout: expected a duration longer than 0s, found "0s"',
    ],
    [
      { sequence: ["acme/a:1"], overlap: "queue" },
      'pipelines.p.overlap: expected "skip" or "restart", found "queue"',
    ],
    [
      { sequence: ["acme/a:1"], schedule: { cron: "0 25 * * *" } },
      'pipelines.p.schedule.cron: expected 0 to 23, ranges, lists or steps of them, or * as hour, found "25" in "0 25 * * *"',
    ],
    [
      { sequence: ["acme/a:1"], schedule: { cron: "0 0 * * *", timezone: "Europe/Pariss" } },
      'pipelines.p.schedule.timezone: expected a time zone such as Europe/Paris or UTC, found "Europe/Pariss"; did you mean "Europe/Paris"?',
    ],
    [
      { sequence: ["acme/a:1"], schedule: { at: "2026-02-30T03:00:00" } },
      'pipelines.p.schedule.at: expected a local time that exists, such as 2026-12-24T03:00:00, found "2026-02-30T03:00:00"',
    ],
    [
      { sequence: ["acme/a:1"], schedule: { daily: true } },
      'pipelines.p.schedule: expected a schedule: { cron: "0 0 * * *" }, { every: 6h } or { at: 2026-12-24T03:00:00 }, found a map with "daily"',
    ],
    [
      { sequence: ["acme/a:1"], trigger: { dockerhub: { secret: "A", branch: "main", all: true } } },
      'pipelines.p.trigger.dockerhub: expected only one of "branch", "tag" and "all", found more',
    ],
  ])("for %j", (pipeline, problem) => {
    expect(problemsOf(pipeline)).toEqual([problem]);
  });

  test("show a cycle of steps from end to end", () => {
    const steps = {
      a: { image: "acme/a:1", after: "c" },
      b: { image: "acme/b:1", after: "a" },
      c: { image: "acme/c:1", after: "b" },
    };
    expect(problemsOf({ steps })).toEqual([
      'pipelines.p.steps: expected steps that can be built in order, found a cycle: "a" → "b" → "c" → "a"',
    ]);
    expect(problemsOf({ steps: { a: { image: "acme/a:1", after: "a" } } })).toEqual([
      'pipelines.p.steps: expected steps that can be built in order, found a cycle: "a" → "a"',
    ]);
  });

  test("do not repeat a secret that was written in place of its name", () => {
    const secret = "https://hub.docker.com/api/build/v1/source/1234/trigger/5678/call/";
    const [problem = ""] = problemsOf({ sequence: ["acme/a:1"], trigger: { dockerhub: { secret } } });
    expect(problem).toContain("pipelines.p.trigger.dockerhub.secret: expected the name of a secret");
    expect(problem).not.toContain("1234");
  });
});

describe("names with a meaning in JavaScript", () => {
  test.each(["constructor", "toString", "hasOwnProperty", "valueOf"])("are ordinary names: %s", (name) => {
    const [pipeline] = compile({ [name]: { image: "acme/a", sequence: [name, "next"] } });
    expect(pipeline).toMatchObject({ name, steps: [{ name, image: { tag: name } }, { after: [name] }] });
  });

  test("are never dropped: __proto__ is accepted as a tag, and refused as the name of a pipeline or step", () => {
    const proto = (value: unknown) => JSON.parse(`{"__proto__": ${JSON.stringify(value)}}`);
    const [pipeline] = compile({ p: { image: "acme/a", sequence: ["__proto__", "next"] } });
    expect(pipeline?.steps.map(({ name }) => name)).toEqual(["__proto__", "next"]);
    expect(problems({ pipelines: proto({ sequence: ["acme/a:1"] }) })).toContain(
      'pipelines.__proto__: expected another name, found "__proto__"',
    );
    expect(problemsOf({ steps: proto({ image: "acme/a:1" }) })).toContain(
      'pipelines.p.steps.__proto__: expected another name, found "__proto__"',
    );
  });
});

test("any graph compiles to ordered steps, or is refused as a cycle", () => {
  const names = ["a", "b", "c", "d", "e"];
  const graphs = fc.array(fc.uniqueArray(fc.nat(4), { maxLength: 3 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(graphs, (drafts) => {
      const steps = Object.fromEntries(
        drafts.map((after, index) => [
          names[index],
          {
            image: `acme/x:${names[index]}`,
            after: after.filter((other) => other < drafts.length).map((other) => names[other]),
          },
        ]),
      );
      const found = problemsOf({ steps });
      if (found.length > 0) {
        expect(found).toEqual([expect.stringContaining("found a cycle: ")]);
        return;
      }
      const order = compile({ p: { steps } })[0]?.steps ?? [];
      expect(order).toHaveLength(drafts.length);
      for (const [place, { after }] of order.entries()) {
        const before = order.slice(0, place).map(({ name }) => name);
        expect(before).toEqual(expect.arrayContaining(after));
      }
    }),
    { numRuns: 500 },
  );
});

describe("registries", () => {
  const ghcr = { login: { username: "bot", secret: "GHCR_TOKEN" } };
  const documentOf = (registries: unknown) => ({
    registries,
    pipelines: { p: { sequence: ["ghcr.io/acme/a:1"] } },
  });

  test("have logins, by their usual names", () => {
    expect(compileConfig(documentOf({ "GHCR.io": ghcr, "index.docker.io": ghcr })).logins).toEqual([
      { registry: "ghcr.io", username: "bot", secret: "GHCR_TOKEN" },
      { registry: "docker.io", username: "bot", secret: "GHCR_TOKEN" },
    ]);
  });

  test("may have a secret for their webhooks, with or without a login", () => {
    const { logins, webhookSecrets } = compileConfig(
      documentOf({
        "GHCR.io": { webhookSecret: "GHCR_WEBHOOK" },
        "quay.io": { ...ghcr, webhookSecret: "QUAY" },
      }),
    );
    expect(logins.map(({ registry }) => registry)).toEqual(["quay.io"]);
    expect(webhookSecrets).toEqual([
      { registry: "ghcr.io", secret: "GHCR_WEBHOOK" },
      { registry: "quay.io", secret: "QUAY" },
    ]);
  });

  test.each([
    [{ "https://ghcr.io": ghcr }, "the host of a registry, such as ghcr.io"],
    [{ "ghcr.io": { webhookSecret: "not a name" } }, "registries.ghcr.io.webhookSecret"],
    [{ "ghcr.io": { login: { username: "bot", secret: "not a name" } } }, "the name of a secret"],
  ])("are refused if they are %j", (registries, problem) => {
    expect(problems(documentOf(registries)).join("\n")).toContain(problem);
  });
});

describe("done", () => {
  const github = { github: { repository: "acme/a", workflow: "a.yml", secret: "S" } };

  test("says what ends a step", () => {
    const ends = (more: object) =>
      compile({ p: { image: "acme/a", sequence: ["1"], ...more } })[0]?.steps[0]?.endedBy;
    expect(ends({ trigger: github })).toBe("push");
    expect(ends({ trigger: github, done: "built" })).toBe("builder");
    expect(ends({ trigger: { command: { run: "true" } } })).toBe("builder");
    expect(ends({ trigger: { command: { run: "true" } }, done: "pushed" })).toBe("push");
  });

  test("cannot be built if the builder does not report ends", () => {
    expect(problemsOf({ image: "acme/a", sequence: ["1"], done: "built" })).toEqual([
      'pipelines.p.sequence[0].done: expected a trigger whose job can report the end of a build (github, gitlab, codebuild, http or command) for "done: built", found dockerhub',
    ]);
  });
});

test("confirm: hub is the older name of confirm: registry", () => {
  expect(compile({ p: { image: "acme/a", sequence: ["1"], confirm: "hub" } })[0]?.confirm).toBe("registry");
});
