import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tagrelayFile } from "../../stand-ins/command-line.ts";
import { awsEnvironment, type ParameterStore, startParameterStore } from "../../stand-ins/parameter-store.ts";
import { root } from "../../stand-ins/program.ts";
import { ctrlC, openTerminal } from "../../stand-ins/terminal.ts";

let store: ParameterStore;
beforeEach(async () => {
  store = await startParameterStore();
});
afterEach(() => store.close());

async function run(args: readonly string[], input: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(root, "functions/cli/tagrelay.js"), "secret", "set", ...args], {
    env: { PATH: process.env.PATH, ...awsEnvironment, AWS_ENDPOINT_URL: store.endpoint, ...env },
    stdio: "pipe",
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, output };
}

test("a secret is written encrypted, from standard input, and is not shown", async () => {
  const { code, output } = await run(["VOID_DOCKER_TRIGGER"], "the-value\n");
  expect([code, output]).toEqual([
    0,
    "/Tagrelay/VOID_DOCKER_TRIGGER is written; functions that are running take it up within five minutes\n",
  ]);
  expect(store.written).toEqual([
    { Name: "/Tagrelay/VOID_DOCKER_TRIGGER", Value: "the-value", Type: "SecureString", Overwrite: true },
  ]);
});

test("another stack has its own", async () => {
  await run(["A", "--stack", "Other"], "x");
  expect(store.written).toMatchObject([{ Name: "/Other/A" }]);
});

test.each([
  [["A"], " \n", 2, "expected a value for A on standard input, found none"],
  [["https://hub.docker.com/secret"], "x", 2, "found something else (not shown)"],
  [[], "x", 2, "missing required argument 'name'"],
  [["A", "the-value"], "", 2, "Expected 1 argument but got 2.\n"],
  [["A", "--value=the-value"], "", 2, "unknown option '--value=…'"],
])("%j is refused: %j", async (args, input, code, words) => {
  const refused = await run(args, input);
  expect(refused.code).toBe(code);
  expect(refused.output).toContain(words);
  expect(refused.output).not.toMatch(/the-value|hub\.docker\.com/);
  expect(store.written).toEqual([]);
});

test("what AWS refuses is told, without the value", async () => {
  const { code, output } = await run(["A"], "the-value", { AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
  expect(code).toBe(3);
  expect(output).toContain("tagrelay: the secret could not be written: ");
  expect(output).not.toContain("the-value");
});

test.each([
  ["what is typed is written", "the-value\r", 0],
  ["Ctrl-C ends the question, and nothing is written", ctrlC, 130],
])("in a terminal, the value is asked for and not shown: %s", async (_what, keys, code) => {
  const env = { PATH: process.env.PATH ?? "", ...awsEnvironment, AWS_ENDPOINT_URL: store.endpoint };
  const terminal = openTerminal(process.execPath, [tagrelayFile, "secret", "set", "A"], { env, cwd: root });
  await terminal.shows(/^A \(not shown\):/);
  terminal.press(keys);
  expect(await terminal.ended).toBe(code);
  expect(terminal.raw()).not.toMatch(/the-value|Error/);
  expect(store.written.map(({ Value }) => Value)).toEqual(code === 0 ? ["the-value"] : []);
  terminal.close();
});
