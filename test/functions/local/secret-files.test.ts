// The program and the command line with secrets from files, in processes of their own.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AnyServer, startAnyServer } from "../../stand-ins/any-server.ts";
import { spawnTagrelay } from "../../stand-ins/command-line.ts";
import { type Folder, makeFolder, type Program, startProgram, until } from "../../stand-ins/program.ts";

let folder: Folder;
let ops: AnyServer;
let program: Program | null = null;
beforeEach(async () => {
  folder = makeFolder();
  ops = await startAnyServer();
});
afterEach(async () => {
  await program?.kill("SIGTERM");
  await ops.close();
  folder.remove();
});

test("a channel's secret from a file and a token from systemd's credentials work, and no command sees either", async () => {
  const credentials = join(folder.path, "credentials");
  mkdirSync(credentials);
  writeFileSync(join(credentials, "TAGRELAY_API_TOKEN"), "token-of-a-credential\n");
  writeFileSync(join(folder.path, "ops"), `${ops.origin}/ops\n`);
  const config = folder.config(
    { p: { trigger: { command: { run: "env" } }, sequence: ["acme/p:1"] } },
    { channels: { ops: { slack: { secret: "OPS_URL" }, on: ["succeeded"] } } },
  );
  program = await startProgram(["--live", "--data", folder.data, "--config", config], {
    TAGRELAY_API_TOKEN: "",
    CREDENTIALS_DIRECTORY: credentials,
    OPS_URL_FILE: join(folder.path, "ops"),
  });
  const command = (...args: string[]) =>
    spawnTagrelay([...args, "--url", program?.origin ?? ""], {
      env: { TAGRELAY_API_TOKEN_FILE: join(credentials, "TAGRELAY_API_TOKEN") },
    }).ended;
  expect(await command("run", "p", "--watch")).toMatchObject({ code: 0 });
  await until(() => ops.asked.length === 1, "the channel has the notice");
  const { stdout } = await command("output", "p", "acme/p:1");
  expect(stdout).toContain("PATH=");
  expect(stdout).not.toMatch(/_FILE=|CREDENTIALS_DIRECTORY|OPS_URL|API_TOKEN/);
}, 60_000);
