import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { ConfigError } from "../../../shared/config/config-error.ts";
import { readConfig } from "../../../shared/config/read-config.ts";
import { type Folder, makeFolder } from "../../stand-ins/program.ts";
import { problemsOf } from "./compile-one.ts";

let folder: Folder;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

/** The lines of the error without the name of the file. */
function problemsIn(yaml: string): string[] {
  const file = join(folder.path, "tagrelay.yaml");
  writeFileSync(file, yaml);
  try {
    readConfig(file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n").map((line) => line.slice(file.length));
    throw error;
  }
}

const twelveMistakes = `pipelines:
  family:
    image: acme/family
    schedule: { cron: "0 25 * * *", timezone: Europe/Pariss }
    trigger: { http: { url: "https://ci.example.org/{tga}" } }
    done: built
    notify: opps
    retires: 3
    steps:
      base: { image: acme/base }
      api: { image: acme/api:1, after: bse, timeout: 5 minutes }
      app: { image: "acme/app:{python}", matrix: { python: [3.12] }, tags: "{version}" }
      last: { image: acme/last:1, after: [app-3.12, base] }
  second: { after: famly, sequence: [acme/a:1, 1.10] }
channels:
  ops: { slack: { secret: OPS } }
`;

test("a file with twelve mistakes of different kinds shows twelve, each with its line and advice", () => {
  expect(problemsIn(twelveMistakes)).toEqual([
    ':4: pipelines.family.schedule.timezone: expected a time zone such as Europe/Paris or UTC, found "Europe/Pariss"; did you mean "Europe/Paris"?',
    ':4: pipelines.family.schedule.cron: expected 0 to 23, ranges, lists or steps of them, or * as hour, found "25" in "0 25 * * *"',
    expect.stringMatching(
      /^:5: pipelines\.family\.trigger\.http\.url: .* found "\{tga\}"; did you mean "\{tag\}"\?$/,
    ),
    ':7: pipelines.family.notify: expected a channel defined under "channels", found "opps"; did you mean "ops"?',
    ':8: pipelines.family: unknown key "retires"; did you mean "retries"?',
    ':10: pipelines.family.steps.base.image: expected namespace/repo:tag, found no tag in "acme/base"; did you mean "acme/base:latest"?',
    ':11: pipelines.family.steps.api.timeout: expected a duration longer than 0s, such as 90s, 5m or 4h, found "5 minutes"',
    ':11: pipelines.family.steps.api.after: step "api" comes after unknown step "bse"; did you mean "base"?',
    ':12: pipelines.family.steps.app.matrix.python[0]: expected a text such as "3.12", found the number 3.12; put it in quotes',
    ':12: pipelines.family.steps.app.tags: expected a parameter of the pipeline, found "{version}"; it has none',
    ":14: pipelines.second.sequence[1]: expected a tag, or a stage (a list of tags), found the number 1.1; put it in quotes",
    ':14: pipelines.second.after: pipeline "second" comes after unknown pipeline "famly"; did you mean "family"?',
  ]);
});

const github = {
  github: { repository: "acme/x", workflow: "x.yml", secret: "S", inputs: { tags: "{tags}" } },
};

/** Mistakes, and what else of the same pipeline hangs on the setting that is wrong. */
const alone: [string, Record<string, unknown>][] = [
  ["p: unknown key", { image: "acme/a", sequense: ["a"] }],
  ["p.sequence: ", { image: "acme/a", sequence: "a" }],
  ["p.image: ", { image: "acme/a:1", sequence: ["a", "b"] }],
  ["p.image: ", { image: "Acme/A", sequence: ["a", "b"] }],
  ["p.image: ", { image: 5, sequence: ["a", "b"] }],
  ["p.trigger", { image: "acme/a", sequence: ["a"], done: "built", trigger: { github: {} } }],
  ["p: unknown key", { image: "acme/a", sequence: ["a"], done: "built", triger: github }],
  ["p.trigger", { image: "acme/a", sequence: ["a"], promote: "together", trigger: "github" }],
  [
    "p.trigger.github: unknown key",
    {
      image: "acme/a",
      sequence: ["a"],
      trigger: { github: { workflow: "x.yml", secret: "S", repositry: "acme/x" } },
    },
  ],
  [
    "p.steps.a.trigger",
    { trigger: github, steps: { a: { image: "acme/a:1", tags: "2", trigger: { github: 5 } } } },
  ],
  ["p.steps.base", { steps: { base: null, web: { image: "acme/web:1", after: "base" } } }],
  [
    "p.steps.base: unknown key",
    { steps: { base: { imagee: "acme/a:1" }, web: { image: "acme/w:1", after: "base" } } },
  ],
  [
    "p.steps.web.after",
    {
      trigger: { http: { url: "https://ci.example.org/{digest:base}" } },
      steps: { web: { image: "acme/w:1", after: { base: 1 } } },
    },
  ],
  ["p.parameters", { parameters: { version: 5 }, steps: { a: { image: "acme/a:{version}" } } }],
  [
    "p.parameters",
    {
      parameters: ["version"],
      steps: { a: { image: "acme/a:{version}" } },
      trigger: { http: { url: "https://ci.example.org/{version}" } },
    },
  ],
  ["p.source", { source: "acme/a", steps: { a: { image: "acme/a:1", paths: "a" } } }],
  ["p.source.tags", { source: { github: "acme/a", tags: 5 }, steps: { a: { image: "acme/a:{version}" } } }],
  ["p.upstream", { upstream: 5, upstreamEvery: "1h", sequence: ["acme/a:1"] }],
  ["p.steps.a.upstream", { upstreamEvery: "1h", steps: { a: { image: "acme/a:1", upstream: 5 } } }],
  [
    "p.identity",
    { identity: 5, trigger: { http: { url: "https://ci.example.org" } }, sequence: ["acme/a:1"] },
  ],
  [
    "p.steps.app-{python}.matrix",
    { steps: { "app-{python}": { image: "acme/a:{python}", matrix: { python: [3] } } } },
  ],
];

describe("one mistake is one error, whatever hangs on it", () => {
  test.each(alone)("%s %j", (start, pipeline) => {
    const found = problemsOf(pipeline);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`pipelines.${start}`);
  });

  test("also where a name at the top is misspelt, or what it names cannot be read", () => {
    const pipeline = { sequence: ["acme/a:1"], account: "acme", notify: "ops" };
    const limits = { acme: { maxParallel: 1 } };
    const channels = { ops: { slack: { secret: "S" } } };
    expect(problemsOf(pipeline, { acounts: limits, channels })).toEqual([
      'unknown key "acounts"; did you mean "accounts"?',
    ]);
    expect(problemsOf(pipeline, { accounts: limits, channels: "ops" })).toEqual([
      'channels: expected a map, found "ops"',
    ]);
  });

  test("also in a step that a matrix makes three of", () => {
    const app = { image: "acme/app:{v}", matrix: { v: ["1", "2", "3"] }, timeout: "1 h", platforms: ["arm"] };
    expect(problemsOf({ steps: { app } })).toEqual([
      expect.stringContaining("pipelines.p.steps.app-1.timeout: "),
      expect.stringContaining("pipelines.p.steps.app-1.platforms[0]: "),
    ]);
  });
});

type Steps = Record<string, Record<string, unknown>>;
const sound = () => {
  const steps: Steps = {
    base: { image: "acme/base:1", timeout: "1h", account: "acme" },
    api: {
      image: "acme/api:1",
      after: "base",
      trigger: { http: { url: "https://ci.example.org/{tags}" } },
      tags: "2",
    },
    web: { image: "acme/web:1", after: ["api"], platforms: ["linux/amd64"], verify: "auto" },
  };
  const p: Record<string, unknown> = {
    steps,
    schedule: { cron: "0 0 * * *", timezone: "UTC" },
    parameters: { version: "1" },
    notify: "ops",
    look: "1h",
    upstream: "debian:12",
    upstreamEvery: "1h",
  };
  const q: Record<string, unknown> = { image: "acme/q", sequence: ["a", ["b", "c"], "d"], after: "p" };
  const top: Record<string, unknown> = {
    pipelines: { p, q },
    accounts: { acme: { maxParallel: 1 } },
    channels: { ops: { slack: { secret: "S" } } },
  };
  return { top, p, q, steps };
};
type Sound = ReturnType<typeof sound>;

const mistakes: ((document: Sound) => unknown)[] = [
  ({ steps }) => Object.assign(steps.base ?? {}, { timeout: "soon" }),
  ({ steps }) => Object.assign(steps.base ?? {}, { image: "acme/base" }),
  ({ steps }) => Object.assign(steps.base ?? {}, { account: "acne" }),
  ({ steps }) => Object.assign(steps.api ?? {}, { after: "bse" }),
  ({ steps }) =>
    Object.assign(steps.api ?? {}, { trigger: { http: { url: "https://ci.example.org/{tga}" } } }),
  ({ steps }) => Object.assign(steps.api ?? {}, { tags: "{verson}" }),
  ({ steps }) => Object.assign(steps.web ?? {}, { platforms: ["arm"] }),
  ({ steps }) => Object.assign(steps.web ?? {}, { verfy: "off" }),
  ({ p }) => Object.assign(p, { schedule: { cron: "61 0 * * *", timezone: "UTC" } }),
  ({ p }) => Object.assign(p, { parameters: { version: 1 } }),
  ({ p }) => Object.assign(p, { notify: "opps" }),
  ({ p }) => Object.assign(p, { look: "1s" }),
  ({ p }) => Object.assign(p, { upstream: "acme/debian" }),
  ({ q }) => Object.assign(q, { sequence: ["a", ["b", 1], "d"] }),
  ({ q }) => Object.assign(q, { after: "r" }),
  ({ q }) => Object.assign(q, { retries: -1 }),
  ({ q }) => Object.assign(q, { confirm: "yes" }),
  ({ top }) => Object.assign(top, { histroy: "7d" }),
  ({ top }) => Object.assign(top, { pages: "nobody" }),
];

function problemsWith(made: readonly ((document: Sound) => unknown)[]): string[] {
  const document = sound();
  for (const make of made) make(document);
  try {
    compileConfig(document.top);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

test("any mistakes together show what each of them shows alone", () => {
  expect(problemsWith([])).toEqual([]);
  expect(mistakes.map((mistake) => problemsWith([mistake])).filter(({ length }) => length !== 1)).toEqual([]);
  fc.assert(
    fc.property(fc.subarray(mistakes), (made) => {
      expect(problemsWith(made).toSorted()).toEqual(made.flatMap((one) => problemsWith([one])).toSorted());
    }),
    { numRuns: 200 },
  );
});

describe("the line of an error", () => {
  test("is that of a value that came by an alias or a merge key", () => {
    expect(
      problemsIn(
        "pipelines:\n  one: &one\n    delay: soon\n    sequence: [acme/a:1]\n  two:\n    <<: *one\n    image: acme/b\n",
      ),
    ).toEqual([
      expect.stringMatching(/^:3: pipelines\.one\.delay/),
      expect.stringMatching(/^:3: pipelines\.two\.delay/),
    ]);
  });

  test("is that of the step that a matrix makes others of, and of a key that is there twice", () => {
    expect(
      problemsIn(
        'pipelines:\n  p:\n    steps:\n      app:\n        matrix: { v: ["1", "2"] }\n        image: "acme/app"\n    retries: 1\n    retries: 2\n',
      ),
    ).toEqual([
      expect.stringMatching(/^:6: pipelines\.p\.steps\.app-1\.image: /),
      ":8: expected each key once, found retries again",
    ]);
  });
});
