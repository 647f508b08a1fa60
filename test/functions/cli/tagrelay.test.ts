import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processIo } from "../../../functions/cli/io.ts";
import { createProgram } from "../../../functions/cli/program.ts";
import { spawnTagrelay, tagrelay, tagrelayFile } from "../../stand-ins/command-line.ts";
import { type Folder, makeFolder, root } from "../../stand-ins/program.ts";

const commands = [
  ...[
    "start",
    "validate",
    "graph",
    "import",
    "list",
    "show",
    "run",
    "watch",
    "retry",
    "cancel",
    "output",
    "build",
  ],
  ...["replay", "notify", "secret", "doctor", "completion"],
];

let folder: Folder;
let other: Server;
let otherUrl = "";
beforeAll(async () => {
  folder = makeFolder();
  other = createServer((request, response) => {
    if (request.url?.startsWith("/moved"))
      response.writeHead(302, { location: "https://example.org/" }).end();
    else response.writeHead(200, { "content-type": "text/html" }).end("<h1>Hello</h1>");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  otherUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
afterAll(() => {
  other.close();
  folder.remove();
});

describe("help", () => {
  test("lists all commands and exit codes, in 80 columns", async () => {
    const { code, stdout, stderr } = await spawnTagrelay(["--help"]).ended;
    expect([code, stderr]).toEqual([0, ""]);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    expect(stdout).toMatch(/Exit codes:\n {2}0 .*\n {2}1 /);
    expect(stdout).not.toMatch(/^ {2}complete\b/m);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("describes each argument and option of a command", async () => {
    for (const command of createProgram(processIo, () => undefined).commands) {
      for (const { description } of [...command.registeredArguments, ...command.options]) {
        if (!["start", "complete"].includes(command.name())) expect(description, command.name()).not.toBe("");
      }
    }
    const { code, stdout, stderr } = await tagrelay(["run", "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: tagrelay run \[options\] <pipeline>\n/);
    expect((await spawnTagrelay(["start", "--help"]).ended).stdout).toMatch(
      /^Usage: tagrelay start \[options\]\n/,
    );
  });
});

describe("wrong usage exits with 2 and writes only to standard error", () => {
  const token = ["--token", "secret-token"];
  test.each([
    [[], "Usage: tagrelay COMMAND"],
    [["rum"], "unknown command 'rum'\n(Did you mean run?)"],
    [["validate", "nope.yaml"], 'expected a configuration in "nope.yaml", found no such file'],
    [["graph", "voiddocker"], 'found "voiddocker"; did you mean "void-docker"?'],
    [["graph", "--config", "nope.yaml"], 'expected a configuration in "nope.yaml", found no such file'],
    [["list", "chain"], "too many arguments for 'list'"],
    [["list", "--jsn"], "unknown option '--jsn'\n(Did you mean --json?)"],
    [["list", "--tokn=secret-token"], "unknown option '--tokn=…'"],
    [["list", "--url", "localhost:8787"], "expected --url to be a URL such as http://127.0.0.1:8787"],
    [["list", "--url", "http://me:secret-token@localhost"], "found a URL that contains a user name"],
    [["list", "--url", "http://example.org"], "expected TAGRELAY_API_TOKEN in the environment"],
    [["show", ...token], "missing required argument 'pipeline|run'"],
    [["run", ...token], "missing required argument 'pipeline'"],
    [["run", "chain", "--from"], "option '--from <step>' argument missing"],
    [["watch", "a", "b", ...token], "too many arguments for 'watch'"],
    [["retry"], "missing required argument 'run|pipeline'"],
    [["cancel"], "missing required argument 'run|pipeline'"],
    [["output", "chain"], 'expected the name of a step after "chain"'],
    [["replay", "nope.json"], 'expected a saved webhook in "nope.json", found no such file'],
    [["replay", "package.json", "--url", "http://example.org"], "expected TAGRELAY_WEBHOOK_SECRET in the"],
    [["notify"], "Usage: tagrelay notify COMMAND"],
    [["notify", "test"], "missing required argument 'channel'"],
    [["secret"], "Usage: tagrelay secret COMMAND"],
    [["secret", "get"], "unknown command 'get'"],
    [["secret", "set"], "missing required argument 'name'"],
    [["doctor", "--stack"], "option '--stack <name>' argument missing"],
    [["import"], "missing required argument 'path'"],
    [["completion", "ksh"], "Allowed choices are bash, zsh, fish."],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await tagrelay(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("secret-token");
  });

  // The local program ends the process itself.
  test.each([
    [["start", "--prot", "1"], 'unknown option --prot; did you mean "--port"?'],
    [["start", "now"], "Unexpected argument 'now'"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await spawnTagrelay(args).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("an address without Tagrelay exits with 3 and does not show the token", () => {
  const token = "secret-token";
  test.each([
    ["a port without a server", () => "http://127.0.0.1:1", "found no answer"],
    ["a closed port", () => "http://localhost:65533", "found no answer (ECONNREFUSED)"],
    ["an unknown host", () => "http://nowhere.invalid", "found no answer (E"],
    ["another program", () => otherUrl, "found something else (200, text/html)"],
    ["a redirect", () => `${otherUrl}/moved`, "found something else (302, "],
  ])("%s", async (_name, url, message) => {
    for (const args of [["list"], ["watch", "chain"]]) {
      const { code, stdout, stderr } = await tagrelay([...args, "--url", url(), "--token", token]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toContain(message);
      expect(stderr).toContain("--url or TAGRELAY_URL");
      expect(stderr).not.toContain(token);
    }
  });

  test("the webhook's secret is not shown either", async () => {
    const env = { TAGRELAY_WEBHOOK_SECRET: "secret-webhook", TAGRELAY_URL: otherUrl };
    for (const url of [otherUrl, "http://127.0.0.1:1"]) {
      const { code, stderr } = await tagrelay(["replay", "-", "--url", url], { env, input: "{}" });
      expect(code).toBe(3);
      expect(stderr).not.toContain("secret-webhook");
    }
  });
});

test("secrets that the local program generated are sent only to this machine", async () => {
  mkdirSync(join(folder.path, ".tagrelay"));
  const generated = { webhookSecret: "generated-secret", apiToken: "generated-token" };
  writeFileSync(join(folder.path, ".tagrelay/secrets.json"), JSON.stringify(generated));
  const list = (url: string) => tagrelay(["list", "--url", url], { cwd: folder.path });
  expect((await list("http://localhost:65533")).code).toBe(3);
  expect((await list("http://[::1]:65533")).code).toBe(3);
  for (const url of ["http://localhost.example.org", "http://127.0.0.1.example.org", "http://10.0.0.1"]) {
    expect(await list(url)).toMatchObject({ code: 2 });
  }
});

test.each<[string, string[], Record<string, string>]>([
  ["TAGRELAY_API_TOKEN", [], { TAGRELAY_API_TOKEN: "secret token" }],
  ["TAGRELAY_API_TOKEN", [], { TAGRELAY_API_TOKEN: "secret\u{2019}s" }],
  ["--token", ["--token", "secret tökén"], {}],
])("a token in %s that no header can have is refused, and not shown", async (from, args, env) => {
  const { code, stderr } = await tagrelay(["list", "--url", "http://localhost:65533", ...args], { env });
  expect([code, stderr]).toEqual([
    2,
    `tagrelay: expected the API token in ${from} to consist of ASCII letters, digits and punctuation, because it is part of a header; found a space or another character; choose another token\n`,
  ]);
});

test("commands take the token of the local program from TAGRELAY_DATA, and say that none was started in a folder", async () => {
  const data = join(folder.path, "elsewhere");
  mkdirSync(data);
  writeFileSync(join(data, "secrets.json"), JSON.stringify({ webhookSecret: "w", apiToken: "t" }));
  const list = (TAGRELAY_DATA: string) =>
    tagrelay(["list", "--url", "http://localhost:65533"], { cwd: folder.path, env: { TAGRELAY_DATA } });
  expect((await list(data)).code).toBe(3);
  const { code, stderr } = await list("empty");
  expect(code).toBe(2);
  expect(stderr).toContain(
    "no program was started in this folder, whose token would be in empty/secrets.json",
  );
  expect(stderr).toContain(
    "expected TAGRELAY_API_TOKEN in the environment, in .env or after --token, found none",
  );
});

test("a Node that is too old gets an error that names the required version", () => {
  const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.19.0'})";
  const { status, stderr } = spawnSync(process.execPath, ["--import", pretend, tagrelayFile, "list"], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([
    2,
    "tagrelay: expected Node 22.19 or newer, found 20.19.0; in the clone, after npm ci, run: npx tagrelay\n",
  ]);
});

test("npm start in a clone without packages says what to run first, also on an old Node", () => {
  const clone = join(folder.path, "clone/functions/local");
  mkdirSync(clone, { recursive: true });
  const file = join(clone, "npm-start.js");
  copyFileSync(join(root, "functions/local/npm-start.js"), file);
  writeFileSync(join(folder.path, "clone/package.json"), '{ "type": "module" }');
  const { status, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  expect([status, stderr]).toEqual([
    2,
    "tagrelay: expected the packages to be installed; run npm ci, and then npm start\n",
  ]);
});

test("npx finds the command in the clone, and the Node version that it needs", () => {
  const stdout = execFileSync("npx", ["tagrelay", "--version"], { cwd: root, encoding: "utf8" });
  expect(stdout).toBe(`${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}\n`);
});
