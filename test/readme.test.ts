// The commands in the README and in docs/api.md do what the text says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../shared/config/read-config.ts";
import { curl } from "./stand-ins/curl.ts";
import { apiToken, type Folder, makeFolder, type Program, root, startProgram } from "./stand-ins/program.ts";

/** The lines of the shell blocks in a Markdown file. */
function commandsIn(file: string): string[] {
  const blocks = readFileSync(join(root, file), "utf8").matchAll(/^```sh\n(.*?)^```/gms);
  return [...blocks].flatMap(([, block = ""]) => block.trim().split("\n"));
}

test("the shipped tagrelay.yaml is a chain of five tags and a stage of two", () => {
  const [chain, family] = readConfig(join(root, "tagrelay.yaml")).pipelines;
  expect(chain?.steps.map(({ after }) => after)).toEqual([[], ["init"], ["step-1"], ["step-2"], ["step-3"]]);
  expect(family?.steps.map(({ after }) => after)).toEqual([[], ["acme/base:latest"], ["acme/base:latest"]]);
});

describe("commands", () => {
  const trigger = { github: { repository: "acme/images", workflow: "image.yml", secret: "TOKEN" } };
  const versions = {
    parameters: { version: "1.0" },
    trigger,
    steps: { base: { image: "acme/versions:{version}" } },
  };
  let folder: Folder;
  let program: Program;
  beforeAll(async () => {
    folder = makeFolder();
    const { pipelines } = parse(readFileSync(join(root, "tagrelay.yaml"), "utf8"));
    program = await startProgram([
      "--data",
      folder.data,
      "--config",
      folder.config({ ...pipelines, versions }),
    ]);
  });
  afterAll(async () => {
    await program.kill("SIGKILL");
    folder.remove();
  });

  test("the README has only commands that a test runs", () => {
    expect(commandsIn("README.md")).toEqual([
      // Run by test/functions/local/sample.test.ts and by CI.
      "npm ci && npm start",
      // Run by test/functions/cli/import.test.ts on existing folders.
      "npx tagrelay import ../images > images.yaml",
      "npm start -- --live",
      // The first is run by test/aws; the second needs an AWS account.
      "npx cdk synth --quiet",
      "npx cdk deploy",
      "npm ci && npm test",
    ]);
  });

  const curls = commandsIn("docs/api.md");
  test("docs/api.md has six commands", () => {
    expect(curls).toHaveLength(6);
  });
  test.each(curls)("docs/api.md: %s", async (command) => {
    const { status, body } = await curl(command.replace("http://127.0.0.1:8787", program.origin), {
      TAGRELAY_API_TOKEN: apiToken,
    });
    const startsRun = command.includes("-X POST") && !command.includes("/hooks/");
    expect(status).toBe(startsRun ? 201 : 200);
    expect(body.pipelines ?? body.runs ?? body.steps).toBeInstanceOf(Array);
  });

  test("docs/api.md says which images and parameters runs and pipelines have", async () => {
    expect((await program.api("GET", "/pipelines/versions")).body).toMatchObject({
      parameters: { version: "1.0" },
      steps: [{ image: "acme/versions:{version}" }],
      run: { parameters: { version: "1.2.3" }, steps: [{ image: "acme/versions:1.2.3" }] },
    });
    const start = (body: unknown) => program.api("POST", "/pipelines/versions/runs", body);
    expect(await start({ parameters: { verison: "1" } })).toMatchObject({ status: 400 });
    expect(await start({ parameters: { version: "a/b" } })).toMatchObject({ status: 400 });
    expect(await start({ from: "bse" })).toMatchObject({ status: 404 });
  });
});
