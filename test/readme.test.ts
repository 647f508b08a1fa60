// What the README tells to type does what it says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../shared/config/read-config.ts";
import { curl } from "./stand-ins/curl.ts";
import { apiToken, type Folder, makeFolder, type Program, root, startProgram } from "./stand-ins/program.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, block]) => block ?? "",
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
      // Run by test/functions/cli/import.test.ts on folders that are there.
      "npm run --silent import -- ../images > tagrelay.yaml",
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
