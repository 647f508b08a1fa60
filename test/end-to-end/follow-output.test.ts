// The output of running commands, followed as people and programs do: the real program, real commands, real connections.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnTagrelay, tagrelay } from "../stand-ins/command-line.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  residentBytes,
  startProgram,
  until,
} from "../stand-ins/program.ts";
import { readOutput } from "../stand-ins/read-output.ts";
import { openSlowClients } from "../stand-ins/slow-clients.ts";

let folder: Folder;
let program: Program;
let env: Record<string, string>;
const start = async (args: string[] = []) => {
  const options = ["--live", "--data", folder.data, "--config", join(folder.path, "tagrelay.yaml")];
  program = await startProgram([...options, ...args], { CELLAR_TOKEN: "a-secret-of-the-cellar" });
  env = { TAGRELAY_URL: program.origin, TAGRELAY_API_TOKEN: apiToken };
};
const file = (name: string) => join(folder.path, name);
const release = (name: string) => writeFileSync(file(name), "");
/** A shell command that waits until the test releases it. */
const waitFor = (name: string) => `while [ ! -e ${name} ]; do sleep 0.05; done`;

beforeAll(async () => {
  folder = makeFolder();
  mkdirSync(folder.data, { recursive: true });
  const pipeline = (name: string, run: string, others = {}) => {
    const { environment = {}, ...rest } = { environment: {}, ...others };
    const trigger = { command: { run, directory: folder.path, environment } };
    return { [name]: { image: `acme/${name}`, retries: 0, trigger, sequence: ["base"], ...rest } };
  };
  const lots = "yes 0123456789012345678901234567890123456789012345678901234567890123 | head -c 60000000";
  folder.config({
    ...pipeline("live", `echo one; ${waitFor("second")}; echo two of $TOKEN; ${waitFor("third")}; exit 3`, {
      environment: { TOKEN: "{secret:CELLAR_TOKEN}" },
    }),
    ...pipeline("again", `echo try; test -e tried || { touch tried; exit 1; }`, { retries: 1 }),
    ...pipeline("later", "echo late; sleep 0.2", { sequence: ["base", "next"] }),
    ...pipeline("large", `${waitFor("flood")}; ${lots}; touch flooded`),
    ...pipeline("kept", `echo before; ${waitFor("after-kill")}; echo after`),
    ...pipeline("cancelled", `echo begun; ${waitFor("never")}`),
    ...pipeline("cli", `echo from the command; ${waitFor("cli-goes-on")}; echo and more; exit 4`),
  });
  await start();
});
afterAll(async () => {
  await program.kill("SIGKILL");
  folder.remove();
});

async function startRun(pipeline: string) {
  const { body } = await program.api("POST", `/pipelines/${pipeline}/runs`);
  return { id: body.id, path: (step = "base") => `/api/runs/${body.id}/steps/${step}/output` };
}

test("output comes while the command runs, without secrets, and the outcome ends the stream; a late reader gets all of it", async () => {
  const { path } = await startRun("live");
  const first = await readOutput(`${program.origin}${path()}`);
  await until(() => first.text() === "one\n", "the first line has come");
  release("second");
  await until(() => first.text() === "one\ntwo of ***\n", "the second line has come");
  const late = await readOutput(`${program.origin}${path()}`);
  await until(() => late.text() === "one\ntwo of ***\n", "the late reader has what was kept");
  const id = first.seen[0]?.id ?? "";
  const again = await readOutput(`${program.origin}${path()}`, {
    authorization: `Bearer ${apiToken}`,
    "last-event-id": id,
  });
  await until(() => again.text() === "two of ***\n", "the reader that came back has the rest");
  release("third");
  await Promise.all([first.ended, late.ended, again.ended]);
  for (const { seen } of [first, late, again]) {
    const reason = "exited with 3: two of ***";
    expect(seen.slice(-2).map(({ name, data }) => [name, data])).toEqual([
      ["failed", { attempt: 1, reason }],
      ["end", { outcome: "failed", reason }],
    ]);
  }
  // What a browser is told when it comes back after the end.
  const over = { authorization: `Bearer ${apiToken}`, "last-event-id": "end" };
  expect((await readOutput(`${program.origin}${path()}`, over)).status).toBe(204);
});

test("a stream goes on with the next attempt of a step", async () => {
  const { path } = await startRun("again");
  const reading = await readOutput(`${program.origin}${path()}`);
  await reading.ended;
  expect(reading.seen.map(({ name, data }) => [name, data])).toEqual([
    ["output", { attempt: 1, text: "try\n" }],
    ["failed", { attempt: 1, reason: "exited with 1: try" }],
    ["output", { attempt: 2, text: "try\n" }],
    ["end", { outcome: "succeeded" }],
  ]);
});

test("a stream that is opened before its step begins waits for it", async () => {
  const { path } = await startRun("later");
  const reading = await readOutput(`${program.origin}${path("next")}`);
  await reading.ended;
  expect(reading.seen.map(({ name, data }) => [name, data])).toEqual([
    ["output", { attempt: 1, text: "late\n" }],
    ["end", { outcome: "succeeded" }],
  ]);
});

test("readers that do not read neither slow a build down nor grow the program's memory, and are told what they missed", async () => {
  const { path } = await startRun("large");
  const request = `GET ${path()} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${apiToken}\r\n\r\n`;
  const idle = openSlowClients(program.origin, 100, { start: request, isReading: false });
  const before = residentBytes(program.process);
  release("flood");
  let largest = before;
  await until(
    () => {
      largest = Math.max(largest, residentBytes(program.process));
      return existsSync(file("flooded"));
    },
    "the command has written 60 MB",
    60_000,
  );
  // 100 readers of 60 MB would be 6 GB.
  expect(largest - before).toBeLessThan(200_000_000);
  expect((await program.api("GET", "/pipelines")).status).toBe(200);
  const late = await readOutput(`${program.origin}${path()}`);
  await late.ended;
  const omitted = late.seen.find(({ name }) => name === "omitted");
  const length = late.text().length;
  expect(length).toBeLessThan(4_000_000);
  expect(length + omitted?.data.bytes).toBe(60_000_000);
  expect(late.seen.at(-1)?.data).toEqual({ outcome: "succeeded" });
  idle.close();
}, 120_000);

test("a reader goes on where it was when the program was killed and started again", async () => {
  const { path } = await startRun("kept");
  const port = new URL(program.origin).port;
  const reading = await readOutput(`${program.origin}${path()}`);
  await until(() => reading.text() === "before\n", "the first line has come");
  const follow = spawnTagrelay(["output", "kept", "base", "--follow"], { env });
  await until(() => follow.stdout() === "before\n", "the command line has it, too");
  await program.kill("SIGKILL");
  await reading.ended;
  release("after-kill");
  await start(["--port", port]);
  const again = await readOutput(`${program.origin}${path()}`, {
    authorization: `Bearer ${apiToken}`,
    "last-event-id": reading.seen.at(-1)?.id ?? "",
  });
  await again.ended;
  expect(again.text()).toBe("after\n");
  const { code, stdout, stderr } = await follow.ended;
  expect([code, stdout]).toEqual([0, "before\nafter\n"]);
  expect(stderr).toContain("connecting again");
});

test("HEAD answers the headers, and leaves no stream open", async () => {
  const { path } = await startRun("again");
  const headers = { authorization: `Bearer ${apiToken}`, accept: "text/event-stream" };
  const ask = (method: string) => fetch(`${program.origin}${path()}`, { method, headers });
  // More than may be open at once.
  for (let times = 0; times < 201; times += 1) {
    const { status, headers: answered } = await ask("HEAD");
    expect([status, answered.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  }
  const { status, body } = await ask("GET");
  await body?.cancel();
  expect(status).toBe(200);
});

test("a cancelled run ends the stream of its step", async () => {
  const { id, path } = await startRun("cancelled");
  const reading = await readOutput(`${program.origin}${path()}`);
  await until(() => reading.text() === "begun\n", "the command runs");
  await program.api("POST", `/runs/${id}/cancel`);
  await reading.ended;
  expect(reading.seen.at(-1)).toMatchObject({ name: "end", data: { outcome: "cancelled" } });
});

test("tagrelay output --follow prints what comes, and its exit code says how the step ended", async () => {
  await startRun("cli");
  const follow = spawnTagrelay(["output", "cli", "base", "--follow"], { env });
  await until(() => follow.stdout() === "from the command\n", "the first line is printed");
  release("cli-goes-on");
  const { code, stdout, stderr } = await follow.ended;
  expect([code, stdout]).toEqual([1, "from the command\nand more\n"]);
  expect(stderr).toContain("exited with 4");
  const finished = await tagrelay(["output", "cli", "base", "--follow"], { env });
  expect(finished).toMatchObject({ code: 1, stdout: "from the command\nand more\n" });
  expect(await tagrelay(["output", "cli", "nothing", "--follow"], { env })).toMatchObject({
    code: 4,
    stdout: "",
    stderr: expect.stringContaining("no output"),
  });
});

test("following needs the same rights as the output", async () => {
  const { path } = await startRun("later");
  for (const headers of [{}, { authorization: "Bearer wrong" }]) {
    expect((await readOutput(`${program.origin}${path()}`, headers)).status).toBe(401);
  }
  // The page's own route takes the session of who is signed in, and nothing else.
  const page = path().replace("/api", "");
  const accept = { accept: "text/event-stream" };
  const anonymous = await fetch(`${program.origin}${page}`, { headers: accept, redirect: "manual" });
  expect(anonymous.status).toBe(303);
  const headers = { ...accept, authorization: `Bearer ${apiToken}` };
  expect((await fetch(`${program.origin}${page}`, { headers, redirect: "manual" })).status).toBe(303);
});
