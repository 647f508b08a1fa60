import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tagrelay, tagrelayFile } from "../../../stand-ins/command-line.ts";
import { type Folder, makeFolder } from "../../../stand-ins/program.ts";
import { openTerminal } from "../../../stand-ins/terminal.ts";

let folder: Folder;
let env: Record<string, string>;
beforeAll(() => {
  folder = makeFolder();
  folder.config({
    "void-docker": { image: "acme/void", sequence: ["init", "latest"] },
    family: { sequence: ["acme/web:latest"] },
  });
  mkdirSync(join(folder.path, "bin"));
  const command = join(folder.path, "bin/tagrelay");
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${tagrelayFile}' "$@"\n`);
  chmodSync(command, 0o755);
  env = { PATH: `${join(folder.path, "bin")}:${process.env.PATH}`, HOME: folder.path, PS1: "$ " };
});
afterAll(() => folder.remove());

test.each([
  ["tagrelay val", ["validate"]],
  ["tagrelay secret ", ["set"]],
  ["tagrelay run ", ["void-docker", "family"]],
  ["tagrelay show --json v", ["void-docker"]],
  ["tagrelay run void-docker --from ", ["init", "latest"]],
  ["tagrelay run --from init --w", ["--watch"]],
  ["tagrelay output void-docker.20261120T030000123-k3f9a1 l", ["latest"]],
  ["tagrelay run family --from acme/", ["acme/web:latest"]],
  ["tagrelay import --from crontab --name", ["--namespace"]],
  ["tagrelay import --from cro", ["crontab"]],
  ["tagrelay mo", ["move"]],
  ["tagrelay move --acc", ["--account"]],
  ["tagrelay move --trigger ", ["github", "gitlab", "codebuild"]],
  ["tagrelay completion ", ["bash", "zsh", "fish"]],
  ["tagrelay start --li", ["--live"]],
  ["tagrelay graph --config ", []],
  ["tagrelay graph --config nope.yaml ", []],
  ["tagrelay nonsense ", []],
])("%j is completed with %j", async (line, words) => {
  const { code, stdout, stderr } = await tagrelay(["complete", line], { cwd: folder.path });
  expect([code, stderr]).toEqual([0, ""]);
  const found = stdout.split("\n").filter((one) => one !== "");
  if (line === "tagrelay nonsense ") return;
  expect(found.map((one) => one.split("\t")[0])).toEqual(words);
});

test("bash completes a command, a pipeline and a step with a colon in its name", async () => {
  const terminal = openTerminal("bash", ["--norc", "--noprofile", "-i"], { env, cwd: folder.path });
  terminal.press("source <(tagrelay completion bash); echo re''ady\r");
  await terminal.shows(/^ready$/m);
  terminal.press("tagrelay can\t");
  await terminal.shows(/\$ tagrelay cancel$/m);
  terminal.press("\x15tagrelay run fam\t");
  await terminal.shows(/\$ tagrelay run family$/m);
  terminal.press("--from acme/web:l\t");
  await terminal.shows(/\$ tagrelay run family --from acme\/web:latest$/m);
  terminal.press("\x15tagrelay validate tagr\t");
  await terminal.shows(/\$ tagrelay validate tagrelay\.yaml$/m);
  terminal.close();
});

test.each(["bash", "zsh", "fish"])("the script for %s calls tagrelay complete", async (shell) => {
  const { code, stdout } = await tagrelay(["completion", shell]);
  expect(code).toBe(0);
  expect(stdout).toContain("tagrelay complete ");
  // Checks the syntax.
  if (shell === "bash") execFileSync("bash", ["-n"], { input: stdout });
});
