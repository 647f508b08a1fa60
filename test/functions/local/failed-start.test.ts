// A start that fails after the program listens: as a process, because what matters is that it ends.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exitCodes } from "../../../functions/cli/cli-error.ts";
import { baseOf, recordPath } from "../../../functions/local/commands/command-files.ts";
import { spawnTagrelay } from "../../stand-ins/command-line.ts";
import { startInProcess } from "../../stand-ins/in-process.ts";
import { type Folder, makeFolder, until } from "../../stand-ins/program.ts";
import { recordCommand } from "../../stand-ins/record-command.ts";
import { build } from "../../stand-ins/trigger-context.ts";

let folder: Folder;
let interrupt: () => void = () => undefined;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => {
  // Only a process that hangs is still there.
  interrupt();
  folder.remove();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await until(() => server.listening, "a port is free");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}

/** A folder that nobody can read, not even root. */
function makeUnreadable(path: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  symlinkSync(path, path);
}

/** The first request that is not refused, but waits for its answer. */
async function untilAccepted(url: string): Promise<{ answer: Promise<Response> }> {
  for (;;) {
    const answer = fetch(url);
    const isRefused = answer.then(
      () => false,
      () => true,
    );
    if (!(await Promise.race([isRefused, sleep(500, false)]))) return { answer };
    await sleep(20);
  }
}

test("it answers those who wait, and ends with its error, although it waits for commands already", async () => {
  const data = join(folder.data, "simulated");
  await recordCommand(baseOf(data, build));
  // The start takes until somebody writes to this pipe.
  const pipe = recordPath(baseOf(data, { ...build, runId: "p.run-2" }));
  mkdirSync(join(pipe, ".."), { recursive: true });
  execFileSync("mkfifo", [pipe]);
  makeUnreadable(join(data, "builds", "states"));
  const config = folder.config(
    { chain: { image: "acme/chain", sequence: ["a"] } },
    { builds: { command: { run: "true" } } },
  );
  const port = await freePort();
  const args = ["start", "--data", folder.data, "--config", config, "--port", `${port}`];
  const started = spawnTagrelay(args);
  interrupt = started.interrupt;
  const waiting = await untilAccepted(`http://127.0.0.1:${port}/api/pipelines`);
  writeFileSync(pipe, "");
  expect((await waiting.answer).status).toBe(503);
  const { code, stderr } = await started.ended;
  expect([code, stderr]).toEqual([exitCodes.internalError, expect.stringContaining("ELOOP")]);
});

test("it leaves the data folder to the next start", async () => {
  const commands = join(folder.data, "simulated", "commands");
  makeUnreadable(commands);
  const args = ["--data", folder.data, "--config", folder.config({ chain: { sequence: ["acme/a:1"] } })];
  await expect(startInProcess(args)).rejects.toThrow("ELOOP");
  rmSync(commands);
  const program = await startInProcess(args);
  expect((await program.api("GET", "/pipelines")).status).toBe(200);
  await program.stop();
});
