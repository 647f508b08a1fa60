// Watches runs in a real terminal: content of the screen, colours, width, Ctrl-C.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { tagrelayFile } from "../../../stand-ins/command-line.ts";
import { type DockerHub, pushWebhook, startDockerHub } from "../../../stand-ins/docker-hub.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
} from "../../../stand-ins/program.ts";
import { ctrlC, openTerminal } from "../../../stand-ins/terminal.ts";

// Each test starts processes.
vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;
let hub: DockerHub;
let program: Program;
let env: Record<string, string>;
const long = "a-step-with-a-name-that-is-long";

beforeAll(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  const config = folder.config({
    chain: { image: "acme/chain", confirm: "webhook", sequence: ["a", "b"] },
    wide: { confirm: "webhook", steps: { [long]: { image: "acme/wide:1" } } },
  });
  program = await startProgram(["--data", folder.data, "--config", config, "--hub-url", hub.origin]);
  env = { PATH: process.env.PATH ?? "", TAGRELAY_URL: program.origin, TAGRELAY_API_TOKEN: apiToken };
});
afterAll(async () => {
  await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

const push = (tag: string) => program.hook(pushWebhook("acme/chain", tag));
const watch = (args: readonly string[], columns: number, more: Record<string, string> = {}) =>
  openTerminal(process.execPath, [tagrelayFile, ...args], {
    env: { ...env, ...more },
    cwd: folder.path,
    columns,
  });

test("steps are drawn in colour, with a bar relative to their usual duration, until the run ends", async () => {
  await program.api("POST", "/pipelines/chain/runs");
  await push("a");
  await push("b");

  const terminal = watch(["run", "chain", "--watch"], 100);
  await terminal.shows(/^chain {2}─{20} 0 of 2 {2}running for [\d.]+s$/m);
  await terminal.shows(/^ {2}. a {2}━{12} building( [\d.]+s)?, usually [\d.]+s$/m);
  await terminal.shows(/^ {2}· b {2}waiting, usually [\d.]+s$/m);
  await push("a");
  await terminal.shows(/^chain {2}━{10}─{10} 1 of 2 /m);
  await terminal.shows(/^ {2}✔ a {2}done in [\d.]+s$/m);
  await push("b");
  expect(await terminal.ended).toBe(0);
  expect(terminal.lines().map((line) => line.replace(/[\d.]+s$/, "…"))).toEqual([
    "chain  ━━━━━━━━━━━━━━━━━━━━ 2 of 2  succeeded in …",
    "  ✔ a  done in …",
    "  ✔ b  done in …",
  ]);
  expect(terminal.raw()).toContain("\u001b[32m✔\u001b[39m");
  // The cursor is visible again.
  expect(terminal.raw().lastIndexOf("\u001b[?25h")).toBeGreaterThan(
    terminal.raw().lastIndexOf("\u001b[?25l"),
  );
  terminal.close();
});

test("steps that a run left out do not count, also when it has ended", async () => {
  const terminal = watch(["run", "chain", "--from", "b", "--watch"], 100);
  await terminal.shows(/^chain {2}─{20} 0 of 1 {2}running for [\d.]+s$/m);
  await terminal.shows(/^ {2}. b {2}.*building/m);
  await push("b");
  expect(await terminal.ended).toBe(0);
  expect(terminal.lines()[0]).toMatch(/^chain {2}━{20} 1 of 1 {2}succeeded in [\d.]+s$/);
  terminal.close();
});

test("Ctrl-C stops watching but not the run; NO_COLOR is respected; a narrow terminal breaks no line", async () => {
  const terminal = watch(["run", "wide", "--watch"], 44, { NO_COLOR: "1" });
  await terminal.shows(/^ {2}. a-step-with-\S*… {2}building [\d.]+s$/m);
  await terminal.shows(/^wide {2}─{4,20} 0 of 1 {2}running for [\d.]+s$/m);
  terminal.press(ctrlC);
  expect(await terminal.ended).toBe(130);
  expect(terminal.lines().join("\n")).toMatch(/Stopped watching; the run continues\./);
  for (const style of ["[1m", "[2m", "[32m", "[36m"]) expect(terminal.raw()).not.toContain(`\u001b${style}`);
  terminal.close();
  expect((await program.api("GET", "/pipelines/wide")).body.run.status).toBe("running");
});

test("the run is still drawn after the terminal becomes narrower", async () => {
  const terminal = watch(["watch", "wide"], 90);
  await terminal.shows(new RegExp(`^ {2}. ${long} {2}building`, "m"));
  terminal.resize(44);
  await terminal.shows(/^ {2}. a-step-with-\S*… {2}building [\d.]+s$/m);
  const { body } = await program.api("GET", "/pipelines/wide");
  await program.api("POST", `/runs/${body.run.id}/cancel`);
  expect(await terminal.ended).toBe(1);
  await until(() => /cancelled after/.test(terminal.lines().join("\n")), "the end is drawn");
  terminal.close();
});
