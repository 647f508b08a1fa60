// What a new user sees: `npm start` with the shipped tagrelay.yaml, without an account or a network.
import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { curl } from "../../stand-ins/curl.ts";
import { type Folder, makeFolder, root, until } from "../../stand-ins/program.ts";

let folder: Folder;
let output = "";
let stop: () => void;

beforeAll(() => {
  folder = makeFolder();
  const child = spawn("npm", ["start", "--", "--port", "0", "--data", folder.data], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  stop = () => process.kill(-(child.pid ?? 0), "SIGKILL");
});
afterAll(() => {
  stop();
  folder.remove();
});

test("the sample chain of five tags and the stage of two run to their ends, step by step", async () => {
  await until(() => output.includes("Three things to try next"), "the sample pipelines have run", 60_000);
  expect(output).toMatch(/^tagrelay listening on http:\/\/127\.0\.0\.1:\d+$/m);
  const done = (pipeline: string) =>
    [...output.matchAll(new RegExp(`^\\S+ ${pipeline}: (\\S+) done in [\\d.]+s$`, "gm"))].map(
      ([, step]) => step,
    );
  expect(done("void-docker")).toEqual(["init", "step-1", "step-2", "step-3", "latest"]);
  expect(done("family")[0]).toBe("acme/base:latest");
  expect(done("family").slice(1).sort()).toEqual(["acme/api:latest", "acme/web:latest"]);
  expect(output.match(/run \S+ succeeded in/g)).toHaveLength(2);
}, 70_000);

test("generated secrets are shown once, and stored where only the owner can read them", () => {
  const path = join(folder.data, "secrets.json");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const { webhookSecret, apiToken } = JSON.parse(readFileSync(path, "utf8"));
  expect(output).toContain(`/hooks/dockerhub/${webhookSecret}`);
  expect(output).toContain(`API token  ${apiToken}`);
});

test("the suggested commands do what their descriptions say", async () => {
  const commands = output.split("\n").filter((line) => line.trim().startsWith("curl "));
  expect(commands).toHaveLength(2);
  const [start = "", push = ""] = commands;
  const { body: run } = await curl(start);
  expect(run).toMatchObject({ pipeline: "void-docker", status: "running", cause: "manual" });
  expect((await curl(start.replace(/\/api\/.*/, `/api/runs/${run.id}/cancel`))).status).toBe(200);
  await until(async () => (await curl(push)).body.outcome === "advanced", "a push starts a run", 30_000);
}, 40_000);
