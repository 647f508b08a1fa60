import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { spawnTagrelay, tagrelay, tagrelayFile } from "../../stand-ins/command-line.ts";
import { awsEnvironment, type ParameterStore, startParameterStore } from "../../stand-ins/parameter-store.ts";
import { root } from "../../stand-ins/program.ts";
import { ctrlC, openTerminal } from "../../stand-ins/terminal.ts";

let store: ParameterStore;
beforeEach(async () => {
  store = await startParameterStore();
  for (const [name, value] of Object.entries(aws())) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await store.close();
});

const aws = () => ({ ...awsEnvironment, AWS_ENDPOINT_URL: store.endpoint });
const setSecret = (args: readonly string[], input: string) => tagrelay(["secret", "set", ...args], { input });

test("a secret from standard input is stored encrypted and is not shown", async () => {
  const args = ["secret", "set", "VOID_DOCKER_TRIGGER"];
  expect(await spawnTagrelay(args, { env: aws(), input: "the-value\n" }).ended).toEqual({
    code: 0,
    stderr: "",
    stdout: "stored /Tagrelay/VOID_DOCKER_TRIGGER; running functions use it within five minutes\n",
  });
  expect(store.written).toEqual([
    { Name: "/Tagrelay/VOID_DOCKER_TRIGGER", Value: "the-value", Type: "SecureString", Overwrite: true },
  ]);
});

test.each([
  ["TAGRELAY_API_TOKEN", "letters+digits/0=:"],
  ["TAGRELAY_WEBHOOK_SECRET", "letters.digits~0"],
  ["TAGRELAY_WEBHOOK_SECRET_PREVIOUS", "whatever worked/before"],
  ["A_PASSWORD", "any wörds"],
])("%s may be %j", async (name, value) => {
  expect((await setSecret([name], value)).code).toBe(0);
  expect(store.written).toMatchObject([{ Value: value }]);
});

test("each stack has its own secrets", async () => {
  await setSecret(["A", "--stack", "Other"], "x");
  expect(store.written).toMatchObject([{ Name: "/Other/A" }]);
});

test.each([
  [["A"], " \n", 2, "expected a value for A on standard input, found none"],
  [
    ["TAGRELAY_API_TOKEN"],
    "the-value in-words",
    2,
    "found a space or another character; choose another token",
  ],
  [
    ["TAGRELAY_API_TOKEN"],
    "the-valué",
    2,
    "expected the API token in TAGRELAY_API_TOKEN to consist of ASCII",
  ],
  [["TAGRELAY_WEBHOOK_SECRET"], "the-value/a", 2, "expected TAGRELAY_WEBHOOK_SECRET to consist of letters"],
  [["https://hub.docker.com/secret"], "x", 2, "found something else (not shown)"],
  [[], "x", 2, "missing required argument 'name'"],
  [["A", "the-value"], "", 2, "Expected 1 argument but got 2.\n"],
  [["A", "--value=the-value"], "", 2, "unknown option '--value=…'"],
])("%j is refused: %j", async (args, input, code, message) => {
  const refused = await setSecret(args, input);
  expect(refused.code).toBe(code);
  expect(refused.stderr).toContain(message);
  expect(refused.stdout + refused.stderr).not.toMatch(/the-valu|hub\.docker\.com/);
  expect(store.written).toEqual([]);
});

test("an error of AWS is reported without the value", async () => {
  vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
  const { code, stdout, stderr } = await setSecret(["A"], "the-value");
  expect(code).toBe(3);
  expect(stderr).toContain("tagrelay: the secret could not be stored: ");
  expect(stdout + stderr).not.toContain("the-value");
});

test("without a region, the command says how to name one", async () => {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", "/none");
  const { code, stderr } = await setSecret(["A"], "the-value");
  expect([code, stderr]).toEqual([
    3,
    "tagrelay: the secret could not be stored: expected an AWS region, found none; name it, for example: AWS_REGION=eu-west-1\n",
  ]);
});

test.each([
  ["the typed value is stored", "the-value\r", 0],
  ["Ctrl-C ends the prompt, and nothing is stored", ctrlC, 130],
])("a terminal prompts for the value and does not show it: %s", async (_name, keys, code) => {
  const env = { PATH: process.env.PATH ?? "", ...aws() };
  const terminal = openTerminal(process.execPath, [tagrelayFile, "secret", "set", "A"], { env, cwd: root });
  await terminal.shows(/^A \(not shown\):/);
  terminal.press(keys);
  expect(await terminal.ended).toBe(code);
  expect(terminal.raw()).not.toMatch(/the-value|Error/);
  expect(store.written.map(({ Value }) => Value)).toEqual(code === 0 ? ["the-value"] : []);
  terminal.close();
});
