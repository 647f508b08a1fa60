// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of variables.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { yamlOf } from "../../../../functions/cli/import.ts";
import { isSecret, isStoredAsSecret, variablesOf } from "../../../../functions/cli/move/build-variables.ts";
import { collectSettings } from "../../../../functions/cli/move/collect-settings.ts";
import type { HubBuild } from "../../../../functions/cli/move/hub-builds.ts";
import { readBuilds } from "../../../../functions/cli/move/hub-builds.ts";
import { repositoriesOf } from "../../../../functions/cli/move/move-files.ts";
import { planMove } from "../../../../functions/cli/move/plan-move.ts";
import { pathsOf, readRule } from "../../../../functions/cli/move/rules.ts";

const rule = { type: "Branch" as const, dockerfile: "", context: "", isAutomatic: true, isUncached: false };

test.each([
  ["main", "latest", { kind: "fixed", tags: ["latest"] }],
  ["main", "{sourceref}", { kind: "fixed", tags: ["main"] }],
  ["1.2", " {sourceref}-slim, slim ,, slim", { kind: "fixed", tags: ["1.2-slim", "slim"] }],
  ["/^v([0-9.]+)$/", "{\\1}", { kind: "pattern", pattern: "^v([0-9.]+)$" }],
  ["/.*/", "{sourceref}", { kind: "pattern", pattern: ".*" }],
  ["/", "latest", { kind: "fixed", tags: ["latest"] }],
  ["two words", "x", { kind: "problem", problem: "its source two words is no name of a branch or a tag" }],
  ["main", "", { kind: "problem", problem: "it has no tag" }],
  ["main", "v{\\1}", { kind: "problem", problem: "its tag would be v{\\1}, which is no valid tag" }],
  ["/[/", "x", { kind: "problem", problem: "its source /[/ is no regular expression that can be read" }],
])("the source %j with the tag %j is read as %j", (source, tag, read) => {
  expect(readRule({ ...rule, source, tag })).toEqual(read);
});

test.each([
  ["/", "/", { context: ".", dockerfile: "Dockerfile" }],
  ["/", "Dockerfile", { context: ".", dockerfile: "Dockerfile" }],
  ["/web", "/", { context: "web", dockerfile: "web/Dockerfile" }],
  ["/web/", "docker/Dockerfile.prod", { context: "web", dockerfile: "web/docker/Dockerfile.prod" }],
  ["web", "/docker/", { context: "web", dockerfile: "web/docker/Dockerfile" }],
  ["", "/web/Dockerfile", { context: "web", dockerfile: "web/Dockerfile" }],
  ["", "", { context: ".", dockerfile: "Dockerfile" }],
])("the context %j with the Dockerfile %j is %j", (context, dockerfile, paths) => {
  expect(pathsOf({ context, dockerfile })).toEqual(paths);
});

test.each([
  ["NPM_TOKEN", "x", true],
  ["SSH_PRIVATE", "x", true],
  ["API_KEY", "x", true],
  ["URL", "https://ada:pw@example.org", true],
  ["VALUE", "AKIAIOSFODNN7EXAMPLE0123", true],
  ["KEYBOARD", "us", false],
  ["AUTHOR", "ada", true],
  ["VERSION", "1.29.8-bookworm", false],
  ["URL", "https://example.org/releases/download", false],
])("the build variable %s with the value %j is a secret: %s", (name, value, secret) => {
  expect(isSecret({ name, value })).toBe(secret);
  expect(isStoredAsSecret({ name, value })).toBe(secret);
});

test.each(["one\ntwo", "{image}", "${{ github.token }}"])(
  "the value %j cannot be in a trigger, so it is stored as a secret, but is none",
  (value) => {
    expect(isSecret({ name: "VALUE", value })).toBe(false);
    expect(isStoredAsSecret({ name: "VALUE", value })).toBe(true);
  },
);

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom(
    "main",
    "/^v(.+)$/",
    "{sourceref}",
    "{\\1},latest",
    "a/b",
    "${{ secrets.X }}",
    "`x`|",
    "x\ny",
    "{tag}",
    "..",
  ),
);
const anyRule = fc.record({
  source_type: fc.constantFrom("Branch", "Tag"),
  source_name: text,
  tag: text,
  dockerfile: text,
  build_context: text,
  autobuild: fc.boolean(),
  nocache: fc.boolean(),
});
const secret = "do-not-show-this-0123456789";
const anySource = fc.record({
  ...{
    image: fc.constantFrom("acme/base", "acme/api", "b/c-d"),
    owner: fc.constantFrom("acme", "b"),
    repository: fc.constant("images"),
  },
  ...{
    provider: fc.constantFrom("Github", "Bitbucket"),
    repo_links: fc.boolean(),
    autotests: fc.constantFrom("OFF", "SOURCE_ONLY"),
  },
  envvars: fc.array(fc.record({ key: text, value: fc.oneof(text, fc.constant(secret)) }), { maxLength: 3 }),
  build_settings: fc.array(anyRule, { maxLength: 4 }),
});

test("any settings become a valid configuration and files that can be parsed, and every rule is in a checklist", () => {
  fc.assert(
    fc.property(
      fc.array(anySource, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("github" as const, "gitlab" as const),
      (objects, kind) => {
        const settings = collectSettings([
          { json: { objects: objects.map((one, at) => ({ ...one, resource_uri: `/${at}/` })) }, url: null },
        ]);
        const found = readBuilds(settings.sources, []);
        const platforms = new Map<string, string[]>();
        const plan = planMove(found, platforms, kind);
        const hasSteps = plan.imported.pipelines.length > 0;
        const yaml = hasSteps ? yamlOf(plan.imported, "a test", "move") : "";
        const input = {
          settings,
          found,
          plan,
          kind,
          platforms,
          unknownPlatforms: new Map(),
          trialSuffix: "-trial",
        };
        const repositories = repositoriesOf(input);
        const all = repositories.flatMap(({ files }) => [...files]);
        for (const [path, content] of all)
          if (path.endsWith(".yml")) expect(typeof parse(content)).toBe("object");
        expect([yaml, ...all.flat()].join("\n")).not.toContain(secret);
        const checklists = all
          .filter(([path]) => path.endsWith(".md"))
          .map(([, content]) => content)
          .join("\n");
        const rows = checklists.split("\n").filter((line) => / → .*\| /s.test(line) && line.startsWith("| "));
        expect(checklists).not.toContain(" for  |");
        const refused = checklists
          .split("\n")
          .filter((line) => line.includes("was not moved: its") || line.includes("was not moved: it has"));
        expect(rows.length + refused.length).toBeGreaterThanOrEqual(
          settings.sources.flatMap(({ rules }) => rules).length,
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("a build variable goes to hooks and tests, to arguments of the Dockerfile, or nowhere", () => {
  const settings = collectSettings([
    {
      json: {
        image: "acme/base",
        owner: "acme",
        repository: "images",
        build_settings: [],
        envvars: [
          { key: "FLAVOUR", value: "vanilla" },
          { name: "NUMBER", value: 3 },
          `NPM_TOKEN=${secret}`,
          { unexpected: secret },
        ],
      },
      url: null,
    },
  ]);
  const [source] = settings.sources;
  if (source === undefined) throw new Error("expected a source");
  expect(source.unreadVariables).toBe(1);
  const build = (more: Partial<HubBuild>): HubBuild => ({
    ...{
      source,
      rule: { ...rule, source: "main", tag: "latest" },
      tags: ["latest"],
      pattern: null,
      prefix: "x",
      checkout: null,
    },
    paths: { context: ".", dockerfile: "Dockerfile" },
    hooks: [],
    tests: [],
    dockerfile: "FROM scratch\nARG FLAVOUR=plain OTHER\nARG NPM_TOKEN\n",
    ...more,
  });
  expect(variablesOf(build({}))).toEqual({
    plain: [],
    secrets: ["NPM_TOKEN"],
    args: ["FLAVOUR", "NPM_TOKEN"],
  });
  // `push` does not run, so nothing has them in its environment.
  expect(variablesOf(build({ hooks: ["push"] }))).toEqual(variablesOf(build({})));
  expect(variablesOf(build({ hooks: ["build"] }))).toEqual({
    plain: ["FLAVOUR=vanilla", "NUMBER=3"],
    secrets: ["NPM_TOKEN"],
    args: [],
  });
});
