// The commands that talk to Tagrelay, with a real local program and a stand-in of Docker Hub.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { spawnTagrelay, startTagrelay, tagrelay } from "../../stand-ins/command-line.ts";
import { type DockerHub, pushWebhook, startDockerHub } from "../../stand-ins/docker-hub.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
  webhookSecret,
} from "../../stand-ins/program.ts";

// Some tests start several processes, one after another.
vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;
let hub: DockerHub;
let program: Program;
let env: Record<string, string>;
beforeAll(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  const trigger = { dockerhub: { secret: "TRIGGER" } };
  const config = folder.config({
    chain: {
      image: "acme/chain",
      trigger,
      confirm: "webhook",
      schedule: { every: "720h" },
      sequence: ["a", "b"],
    },
    other: { image: "acme/other", trigger, confirm: "webhook", sequence: ["x"] },
    local: { steps: { say: { image: "acme/local:1", trigger: { command: { run: "echo heard" } } } } },
  });
  const options = ["--live", "--hub-url", hub.origin, "--registry-url", hub.origin];
  program = await startProgram(["--data", folder.data, "--config", config, ...options], { TRIGGER: "x" });
  env = {
    TAGRELAY_URL: program.origin,
    TAGRELAY_API_TOKEN: apiToken,
    TAGRELAY_WEBHOOK_SECRET: webhookSecret,
  };
});
afterAll(async () => {
  await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

const call = (...args: string[]) => tagrelay(args, { env });
const push = (repository: string, tag: string, ...options: string[]) =>
  tagrelay(["replay", "-", ...options], { env, input: pushWebhook(repository, tag) });

async function json(...args: string[]) {
  const { code, stdout, stderr } = await call(...args, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

test("pipelines are listed and shown, as text and as JSON", async () => {
  const { code, stdout } = await call("list");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^chain {2}has not run yet {2}starts in .+\nother {2}has not run yet\nlocal /);
  const { pipelines } = await json("list");
  expect(pipelines.map(({ name }: { name: string }) => name)).toEqual(["chain", "other", "local"]);

  expect((await call("show", "chain")).stdout).toMatch(
    /^chain\n {2}schedule {2}every .+\n {2}next .+\n\n {2}a {2}acme\/chain:a {2}dockerhub\n {2}b .+ after a\n\n {2}has not run yet\n$/,
  );
  expect(await json("show", "chain")).toMatchObject({ name: "chain", steps: [{}, {}], runs: [] });
});

test("a run is started, watched line by line, advanced by saved webhooks, and shown", async () => {
  const { code, stdout } = await call("run", "chain");
  expect(code).toBe(0);
  const [, id = ""] = /^started run (chain\.\S+); watch it with: tagrelay watch \1\n$/.exec(stdout) ?? [];
  expect(id).not.toBe("");

  const watching = startTagrelay(["watch", id], { env });
  await until(() => watching.stdout().includes("chain: a building"), "the first step is built");
  expect(await call("run", "chain")).toMatchObject({
    code: 4,
    stdout: "",
    stderr: `tagrelay: run ${id} is active (409 from ${program.origin})\n`,
  });
  expect(await push("acme/chain", "a")).toEqual({
    code: 0,
    stderr: "",
    stdout: "advanced\n  chain a: advanced\n",
  });
  expect((await push("acme/chain", "a")).stdout).toMatch(/^duplicate/);
  expect((await push("acme/none", "a")).stdout).toMatch(/^ignored: /);
  const { stdout: answer } = await push("acme/chain", "b", "--json");
  expect(JSON.parse(answer)).toMatchObject({ outcome: "advanced", pipelines: [{ step: "b" }] });

  const ended = await watching.ended;
  expect([ended.code, ended.stderr]).toEqual([0, ""]);
  const words = ended.stdout
    .trim()
    .split("\n")
    .map((line) => line.replace(/^\d\d:\d\d:\d\d chain: | [\d.]+s$/g, ""));
  expect(words.filter((line) => !line.endsWith("building"))).toEqual([
    `chain: run ${id} continues`,
    "a done in",
    "b done in",
    `run ${id} succeeded in`,
  ]);

  const shown = await call("show", id);
  expect(shown.stdout).toMatch(new RegExp(`^✔ ${id} {2}succeeded in .+manual.+\n {2}✔ a {2}done in `));
  expect(shown.stdout).toMatch(/Z {2}b {8}done\n {2}.+Z {2}the run {2}succeeded\n$/);
  expect(await json("show", id)).toMatchObject({ id, status: "succeeded", log: expect.any(Array) });
  expect((await call("show", "chain")).stdout).toMatch(/usually [\d.]+s\n/);
});

test("the outcome of a watched run is the exit code", async () => {
  hub.answerNext({ status: 404, body: "{}" });
  const failed = await call("run", "other", "--watch");
  expect(failed).toMatchObject({ code: 1, stderr: "" });
  expect(failed.stdout).toContain("x FAILED: Docker Hub answered 404 to the trigger in TRIGGER");
  expect((await call("watch", "other")).code).toBe(1);

  const retried = startTagrelay(["retry", "other", "--watch", "--json"], { env });
  await until(() => retried.stdout().includes("building"), "the step is built again");
  await push("acme/other", "x");
  const { code, stdout } = await retried.ended;
  expect(code).toBe(0);
  const runs = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(runs.at(-1)).toMatchObject({ pipeline: "other", status: "succeeded" });
  expect(runs[0]).toMatchObject({ status: "running" });
});

test("a run is started from a step, continues after Ctrl-C, and is cancelled by its pipeline's name", async () => {
  const { id } = await json("run", "chain", "--from", "b");
  const watching = spawnTagrelay(["watch"], { env });
  await until(() => watching.stdout().includes("b building"), "the step is built");
  watching.interrupt();
  expect(await watching.ended).toMatchObject({
    code: 130,
    stdout: expect.stringMatching(
      /Stopped watching; the run continues\. To watch again: tagrelay watch( \S+)?\n$/,
    ),
  });
  expect(await json("show", id)).toMatchObject({ id, from: ["b"], status: "running" });
  expect((await call("cancel", "chain")).stdout).toBe(
    `cancelled run ${id}; its commands and builds of CodeBuild are stopped, and other builds go on\n`,
  );
  expect((await call("watch", id)).code).toBe(1);
  expect(await call("cancel", id)).toMatchObject({ code: 4 });
  expect(await call("watch")).toMatchObject({ code: 4, stderr: expect.stringContaining("found none") });
});

test("a rollback says what came of each tag, and fails if one could not be moved back", async () => {
  const { id } = await json("run", "other");
  expect(await call("rollback", id)).toMatchObject({ code: 4, stderr: expect.stringContaining("is active") });
  await push("acme/other", "x");
  expect(await call("rollback", "other")).toMatchObject({
    code: 1,
    stdout: "acme/other:x  FAILED  what the tag pointed to before the run is not known\n",
  });
});

test("the output of a command is printed unchanged", async () => {
  expect((await call("run", "local", "--watch")).code).toBe(0);
  expect(await call("output", "local", "say")).toEqual({ code: 0, stdout: "heard\n", stderr: "" });
  expect(await call("output", "chain", "a")).toMatchObject({ code: 4, stdout: "" });
});

describe("a refused request exits with 4", () => {
  test.each([
    [["run", "chian"], 'no pipeline has this name; did you mean "chain"?'],
    [["run", "chain", "--from", "c"], "pipeline chain has no step with this name"],
    [["show", "nope"], "no pipeline has this name"],
    [["watch", "chain.20260101T000000000-abcdef"], "no run has this id"],
    [["retry", "chain.20260101T000000000-abcdef"], "no run has this id"],
    [["retry", "other"], "has succeeded; start a new run instead"],
    [["list", "--token", "a-wrong-token"], "found a different one in --token (401 Unauthorized)"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await call(...args);
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("a-wrong-token");
  });

  test("a wrong webhook secret, and an invalid webhook", async () => {
    const wrong = { ...env, TAGRELAY_WEBHOOK_SECRET: "a-wrong-secret" };
    const { code, stderr } = await tagrelay(["replay", "-"], { env: wrong, input: "{}" });
    expect(code).toBe(4);
    expect(stderr).toContain("found a different one in TAGRELAY_WEBHOOK_SECRET (404 Not Found)");
    expect(stderr).not.toContain("a-wrong-secret");
    expect(await tagrelay(["replay", "-"], { env, input: "{}" })).toMatchObject({ code: 4 });
  });
});

test("the address may be that of the API, as in the stack's outputs, and the token may be in .env", async () => {
  writeFileSync(join(folder.path, ".env"), `TAGRELAY_API_TOKEN=${apiToken}\n`, { mode: 0o600 });
  const url = `${program.origin}/api/`;
  expect(await tagrelay(["list", "--url", url], { cwd: folder.path })).toMatchObject({ code: 0, stderr: "" });
  chmodSync(join(folder.path, ".env"), 0o644);
  const { code, stderr } = await spawnTagrelay(["list", "--url", url], { cwd: folder.path }).ended;
  expect(code).toBe(2);
  expect(stderr).toContain("run: chmod 600 .env");
});

test("start runs the local program, whose generated secrets the other commands find", async () => {
  const { path, config, remove } = makeFolder();
  config({ chain: { image: "acme/chain", sequence: ["a"] } });
  const started = spawnTagrelay(["start", "--port", "0", "--config", "tagrelay.yaml"], { cwd: path });
  const listening = /^tagrelay listening on (\S+)$/m;
  await until(() => listening.test(started.stdout()), "the program listens");
  const [, url = ""] = listening.exec(started.stdout()) ?? [];
  expect(await tagrelay(["run", "chain", "--watch", "--url", url], { cwd: path })).toMatchObject({ code: 0 });
  const replayed = await tagrelay(["replay", "-", "--url", url], {
    cwd: path,
    input: pushWebhook("acme/none", "a"),
  });
  expect(replayed).toMatchObject({ code: 0, stderr: "" });
  started.interrupt();
  expect((await started.ended).code).toBe(0);
  remove();
});

test("watching continues after Tagrelay was down", async () => {
  await json("run", "chain");
  const watching = startTagrelay(["watch", "chain"], { env });
  await until(() => watching.stdout().includes("a building"), "the step is built");
  await program.kill("SIGKILL");
  await until(() => watching.stdout().includes("does not answer; waiting for it"), "the outage is reported");
  const { port } = new URL(program.origin);
  const options = ["--live", "--hub-url", hub.origin, "--registry-url", hub.origin, "--port", port];
  const config = `${folder.path}/tagrelay.yaml`;
  program = await startProgram(["--data", folder.data, "--config", config, ...options], { TRIGGER: "x" });
  await until(() => watching.stdout().includes("answers again"), "watching continues");
  await push("acme/chain", "a");
  await push("acme/chain", "b");
  const { code, stdout } = await watching.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/ run \S+ succeeded in [\d.]+s\n$/);
});
