// What the README says is so: its examples are configurations, its commands run.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../shared/config/read-config.ts";
import { compileConfig } from "../shared/core/compile.ts";
import { curl } from "./stand-ins/curl.ts";
import { apiToken, type Folder, makeFolder, type Program, root, startProgram } from "./stand-ins/program.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, block]) => block ?? "",
  );

test("README examples are configurations", () => {
  const examples = blocks("yaml");
  expect(examples.map((example) => compileConfig(parse(example)).pipelines.length)).toEqual([3, 1]);
});

test.each(["README.md", "CONTRIBUTING.md", "docs/deploy.md", "docs/reliability.md"])(
  "%s names scripts and files that there are",
  (document) => {
    const text = readFileSync(join(root, document), "utf8");
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const [, script = ""] of text.matchAll(/npm run ([\w:]+)/g))
      expect(scripts).toHaveProperty([script]);
    for (const [, path = ""] of text.matchAll(/`((?:test|shared|functions|infra|docs)\/[\w./-]+)`/g)) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
  },
);

test("the shipped tagrelay.yaml is a chain of five tags and a stage of two", () => {
  const [chain, family] = readConfig(join(root, "tagrelay.yaml")).pipelines;
  expect(chain?.steps.map(({ after }) => after)).toEqual([[], ["init"], ["step-1"], ["step-2"], ["step-3"]]);
  expect(family?.steps.map(({ after }) => after)).toEqual([[], ["acme/base:latest"], ["acme/base:latest"]]);
});

describe("README commands", () => {
  let folder: Folder;
  let program: Program;
  beforeAll(async () => {
    folder = makeFolder();
    program = await startProgram(["--data", folder.data, "--config", join(root, "tagrelay.yaml")]);
  });
  afterAll(async () => {
    await program.kill("SIGKILL");
    folder.remove();
  });

  const commands = blocks("sh").join("").trim().split("\n");
  const curls = commands.filter((command) => command.startsWith("curl "));

  test("are these, and no others", () => {
    expect(commands.filter((command) => !command.startsWith("curl "))).toEqual([
      // Run by test/functions/local/sample.test.ts and by CI.
      "npm ci && npm start",
      "npm start -- --live",
      // The first by test/aws, the second by whoever has an account.
      "npx cdk synth --quiet",
      "npx cdk deploy",
      "npm ci && npm test",
    ]);
    expect(curls).toHaveLength(4);
  });

  test.each(curls)("do as they say: %s", async (command) => {
    const { status, body } = await curl(command.replace("http://127.0.0.1:8787", program.origin), {
      TAGRELAY_API_TOKEN: apiToken,
    });
    expect(status).toBe(command.includes("-X POST") ? 201 : 200);
    expect(body.pipelines ?? body.runs ?? body.steps).toBeInstanceOf(Array);
  });
});
