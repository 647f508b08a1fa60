// Pipelines of commands as an operator runs them: the real program with --live, real commands, and a kill in between.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
} from "../stand-ins/program.ts";

let program: Program | null = null;
let folder: Folder | null = null;
afterEach(async () => {
  await program?.kill("SIGKILL");
  folder?.remove();
});

/** A pipeline of one command, run in a folder of its own. */
async function startRun(run: string, more: Record<string, unknown>, env: Record<string, string> = {}) {
  const made = makeFolder();
  folder = made;
  const { concurrency = 1, environment = {}, ...rest } = more;
  const trigger = { command: { run, directory: made.path, concurrency, environment } };
  const pipeline = { image: "acme/cellar", retries: 0, trigger, ...rest };
  const args = ["--live", "--data", made.data, "--config", made.config({ cellar: pipeline })];
  const start = async () => {
    program = await startProgram(args, env);
    return program;
  };
  const { body } = await (await start()).api("POST", "/pipelines/cellar/runs");
  const runNow = async () => (await program?.api("GET", `/runs/${body.id}`))?.body;
  return {
    path: made.path,
    start,
    runNow,
    cancel: async () => program?.api("POST", `/runs/${body.id}/cancel`),
    ended: async () => {
      await until(async () => (await runNow())?.status !== "running", "the run ends", 60_000);
      return runNow();
    },
    output: async (step: string) => {
      const response = await fetch(`${program?.origin}/api/runs/${body.id}/steps/${step}/output`, {
        headers: { authorization: `Bearer ${apiToken}` },
      });
      return { status: response.status, text: await response.text() };
    },
  };
}

test("commands are run in order, no more at once than may be, and what they say is kept", async () => {
  const line = "echo begin {tag} >> order; sleep 2; echo end {tag} >> order; echo {image} is built";
  const { path, ended, output } = await startRun(line, {
    concurrency: 2,
    sequence: ["base", ["a", "b", "c"]],
  });
  expect((await ended()).status).toBe("succeeded");
  const lines = readFileSync(join(path, "order"), "utf8").trim().split("\n");
  expect(lines.slice(0, 2)).toEqual(["begin base", "end base"]);
  let now = 0;
  const atOnce = lines.map((said) => {
    now += said.startsWith("begin") ? 1 : -1;
    return now;
  });
  expect(Math.max(...atOnce)).toBe(2);
  expect(await output("a")).toEqual({ status: 200, text: "acme/cellar:a is built\n" });
}, 60_000);

test("a command that fails says why, without its secrets, and nothing comes after it", async () => {
  const { ended, output } = await startRun(
    "echo logging in with $TOKEN; exit 3",
    { environment: { TOKEN: "{secret:CELLAR_TOKEN}" }, sequence: ["base", "app"] },
    { CELLAR_TOKEN: "a-secret-of-the-cellar" },
  );
  const run = await ended();
  expect(run).toMatchObject({
    status: "failed",
    steps: [{ state: "failed", reason: "exited with 3: logging in with ***" }, { state: "skipped" }],
  });
  expect((await output("base")).text).toBe("logging in with ***\n");
  expect((await output("app")).status).toBe(404);
  expect(program?.stderr()).not.toContain("a-secret-of-the-cellar");
}, 60_000);

test("a command that fails is tried again while a retry is left", async () => {
  const { ended } = await startRun("echo x >> tries; test $(wc -l < tries) -gt 1", {
    retries: 1,
    sequence: ["base"],
  });
  expect(await ended()).toMatchObject({ status: "succeeded", steps: [{ attempts: 2 }] });
}, 60_000);

test("a command outlives a kill of the program, and its run goes on when that is back", async () => {
  const { path, start, ended } = await startRun("touch begun-{tag}; sleep 2; touch ended-{tag}", {
    sequence: ["base", "app"],
  });
  await until(() => existsSync(join(path, "begun-base")), "the command runs");
  await program?.kill("SIGKILL");
  await until(() => existsSync(join(path, "ended-base")), "the command ends");
  await start();
  const run = await ended();
  expect(run).toMatchObject({ status: "succeeded", steps: [{ attempts: 1 }, { attempts: 1 }] });
}, 60_000);

test("a command is stopped when its run is cancelled, and when its time is up", async () => {
  const { path, cancel, runNow } = await startRun("touch begun; sleep 5; touch ended", {
    sequence: ["base"],
  });
  await until(() => existsSync(join(path, "begun")), "the command runs");
  await cancel();
  expect((await runNow()).status).toBe("cancelled");
  await program?.kill("SIGKILL");
  folder?.remove();
  const slow = await startRun("sleep 60", { timeout: "2s", sequence: ["base"] });
  expect(await slow.ended()).toMatchObject({
    steps: [{ state: "failed", reason: "took longer than 2s and was stopped" }],
  });
  expect(existsSync(join(path, "ended"))).toBe(false);
}, 60_000);
