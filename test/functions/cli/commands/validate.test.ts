import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tagrelay } from "../../../stand-ins/command-line.ts";
import { type Folder, makeFolder } from "../../../stand-ins/program.ts";

let folder: Folder;
let broken = "";
beforeAll(() => {
  folder = makeFolder();
  broken = join(folder.path, "broken.yaml");
  writeFileSync(
    broken,
    "pipelines:\n  chain: { image: acme/chain, sequence: [a], retires: 1 }\n  graph: { steps: { app: { image: acme/app:1, after: bse }, base: { image: acme/base:1 } } }\n",
  );
});
afterAll(() => folder.remove());

test("a valid configuration is reported with its size", async () => {
  expect(await tagrelay(["validate"])).toEqual({
    code: 0,
    stderr: "",
    stdout: "tagrelay.yaml is valid: 2 pipelines, 8 steps\n",
  });
  const { stdout } = await tagrelay(["validate", "--json"]);
  expect(JSON.parse(stdout)).toEqual({ isValid: true, pipelines: ["void-docker", "family"], problems: [] });
});

test("an invalid configuration is reported with all its problems, and the exit code is 1", async () => {
  const { code, stdout, stderr } = await tagrelay(["validate", broken]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain('unknown key "retires"; did you mean "retries"?');
  expect(stderr.trim().split("\n")).toHaveLength(2);
});

test("problems can be printed as JSON, on standard output", async () => {
  const { code, stdout, stderr } = await tagrelay(["validate", broken, "--json"]);
  expect([code, stderr]).toEqual([1, ""]);
  const { isValid, problems } = JSON.parse(stdout);
  expect(isValid).toBe(false);
  expect(problems[0]).toMatchObject({ path: ["pipelines", "chain"], message: expect.any(String) });
});
