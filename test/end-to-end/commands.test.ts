// Pipelines of commands as an operator runs them: the real program with --live, real commands, and a kill in between.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
} from "../stand-ins/program.ts";

let folder: Folder;
let program: Program;
const start = async () => {
  const args = ["--live", "--data", folder.data, "--config", join(folder.path, "tagrelay.yaml")];
  program = await startProgram(args, { CELLAR_TOKEN: "a-secret-of-the-cellar" });
};
const folderOf = (name: string) => join(folder.path, name);

/** A pipeline whose steps all run this command, in a folder of the pipeline. */
function pipelineOf(name: string, run: string, { concurrency = 1, environment = {}, ...rest }) {
  mkdirSync(folderOf(name));
  const trigger = { command: { run, directory: folderOf(name), concurrency, environment } };
  return { [name]: { image: `acme/${name}`, retries: 0, trigger, ...rest } };
}

beforeAll(async () => {
  folder = makeFolder();
  const inOrder = "echo begin {tag} >> order; sleep 0.5; echo end {tag} >> order; echo {image} is built";
  folder.config({
    ...pipelineOf("ordered", inOrder, { concurrency: 2, sequence: ["base", ["a", "b", "c"]] }),
    ...pipelineOf("failing", "echo logging in with $TOKEN; exit 3", {
      environment: { TOKEN: "{secret:CELLAR_TOKEN}" },
      sequence: ["base", "app"],
    }),
    ...pipelineOf("retried", "echo x >> tries; test $(wc -l < tries) -gt 1", {
      retries: 1,
      sequence: ["base"],
    }),
    ...pipelineOf("killed", "touch begun-{tag}; sleep 1; touch ended-{tag}", { sequence: ["base", "app"] }),
    ...pipelineOf("cancelled", "touch begun; sleep 5; touch ended", { sequence: ["base"] }),
    ...pipelineOf("slow", "sleep 60", { timeout: "1s", sequence: ["base"] }),
  });
  await start();
});
afterAll(async () => {
  await program.kill("SIGKILL");
  folder.remove();
});

async function startRun(pipeline: string) {
  const { body } = await program.api("POST", `/pipelines/${pipeline}/runs`);
  const load = async () => (await program.api("GET", `/runs/${body.id}`)).body;
  return {
    load,
    cancel: () => program.api("POST", `/runs/${body.id}/cancel`),
    ended: async () => {
      await until(async () => (await load()).status !== "running", "the run ends", 60_000);
      return load();
    },
    output: async (step: string) => {
      const response = await fetch(`${program.origin}/api/runs/${body.id}/steps/${step}/output`, {
        headers: { authorization: `Bearer ${apiToken}` },
      });
      return { status: response.status, text: await response.text() };
    },
  };
}

test("commands run in order, no more at once than allowed, and their output is kept", async () => {
  const { ended, output } = await startRun("ordered");
  expect((await ended()).status).toBe("succeeded");
  const lines = readFileSync(join(folderOf("ordered"), "order"), "utf8")
    .trim()
    .split("\n");
  expect(lines.slice(0, 2)).toEqual(["begin base", "end base"]);
  let running = 0;
  const runningAfterEachLine = lines.map((line) => {
    running += line.startsWith("begin") ? 1 : -1;
    return running;
  });
  expect(Math.max(...runningAfterEachLine)).toBe(2);
  expect(await output("a")).toEqual({ status: 200, text: "acme/ordered:a is built\n" });
}, 60_000);

test("a failed command has a reason without its secrets, and no step after it runs", async () => {
  const { ended, output } = await startRun("failing");
  expect(await ended()).toMatchObject({
    status: "failed",
    steps: [{ state: "failed", reason: "exited with 3: logging in with ***" }, { state: "skipped" }],
  });
  expect((await output("base")).text).toBe("logging in with ***\n");
  expect((await output("app")).status).toBe(404);
  expect(program.stderr()).not.toContain("a-secret-of-the-cellar");
}, 60_000);

test("a failed command is retried while retries are left", async () => {
  const { ended } = await startRun("retried");
  expect(await ended()).toMatchObject({ status: "succeeded", steps: [{ attempts: 2 }] });
}, 60_000);

test("a command survives a kill of the program, and its run continues after the restart", async () => {
  const { ended } = await startRun("killed");
  const fileOf = (name: string) => join(folderOf("killed"), name);
  await until(() => existsSync(fileOf("begun-base")), "the command runs");
  await program.kill("SIGKILL");
  await until(() => existsSync(fileOf("ended-base")), "the command ends");
  await start();
  expect(await ended()).toMatchObject({
    status: "succeeded",
    steps: [{ attempts: 1 }, { attempts: 1 }],
  });
}, 60_000);

test("a command is stopped when its run is cancelled, and after its time-out", async () => {
  const { load, cancel } = await startRun("cancelled");
  const slow = await startRun("slow");
  await until(() => existsSync(join(folderOf("cancelled"), "begun")), "the command runs");
  await cancel();
  expect((await load()).status).toBe("cancelled");
  expect(await slow.ended()).toMatchObject({
    steps: [{ state: "failed", reason: "took longer than 1s and was stopped" }],
  });
  expect(existsSync(join(folderOf("cancelled"), "ended"))).toBe(false);
}, 60_000);
