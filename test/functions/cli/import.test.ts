import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { processIo } from "../../../functions/cli/io.ts";
import { main } from "../../../functions/cli/main.ts";
import { compileConfig } from "../../../shared/config/compile.ts";
import { spawnTagrelay, tagrelay } from "../../stand-ins/command-line.ts";
import { type Folder, makeFolder, root } from "../../stand-ins/program.ts";

let folder: Folder;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const run = (args: readonly string[]) => tagrelay(["import", ...args]);
const fixture = (name: string) => join(root, "test/fixtures", name);
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

test.each([
  ["docker-selenium", 18],
  ["docker-stacks", 12],
  ["import/config.py", 5],
  ["import/crontab", 3],
  ["import/IMAGES.json", 2],
  ["import/bake/docker-bake.json", 3],
  ["import/compose/compose.yaml", 3],
])(
  "%s is recognised and becomes a valid tagrelay.yaml, with notes on standard error",
  async (name, steps) => {
    const { code, stdout, stderr } = await run([fixture(name)]);
    expect(code).toBe(0);
    const { pipelines } = compileConfig(parse(stdout));
    expect(pipelines.flatMap((pipeline) => pipeline.steps)).toHaveLength(steps);
    const [first, ...others] = stderr.trim().split("\n");
    expect(first).toMatch(
      new RegExp(`^imported ${steps} images in \\d+ pipelines?, \\d+ links? between them`),
    );
    expect(others.filter((line) => !line.startsWith("note: "))).toEqual([]);
    expect(stdout + stderr).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
  },
);

test("a crontab is read from standard input", async () => {
  const { code, stdout } = await spawnTagrelay(["import", "-"], { input: "@daily dh-trigger acme web\n" })
    .ended;
  expect(code).toBe(0);
  expect(parse(stdout).pipelines.web.sequence).toEqual(["acme/web:latest"]);
});

test("--from sets the kind of a file with any name", async () => {
  const { code, stdout } = await run([
    "--from",
    "images-json",
    file("x", '{"images": [{"tag": "acme/a:1"}]}'),
  ]);
  expect(code).toBe(0);
  expect(parse(stdout).pipelines.a.sequence).toEqual(["acme/a:1"]);
});

test("a folder without a namespace gives a valid tagrelay.yaml, with exit code 1 and what is left to decide", async () => {
  const { code, stdout, stderr } = await run([fixture("import/unnamed")]);
  expect(code).toBe(1);
  expect(compileConfig(parse(stdout)).pipelines.flatMap(({ steps }) => steps)).toHaveLength(2);
  expect(stderr).toContain("to decide: the namespace your-namespace is a placeholder");
  const named = await run([fixture("import/unnamed"), "--namespace", "acme"]);
  expect(named.code).toBe(0);
  expect(named.stdout).toContain("acme/web:latest");
});

test("in a terminal, the namespace is asked for if nothing tells it", async () => {
  const output = { stdout: "", stderr: "" };
  const collect = (name: "stdout" | "stderr") =>
    new Writable({
      write: (chunk, _encoding, done) => {
        output[name] += String(chunk);
        done();
      },
    });
  const stdin = Object.assign(Readable.from(["acme\n"]), { isTTY: true });
  const io = { ...processIo, stdin, stdout: collect("stdout"), stderr: collect("stderr") };
  expect(await main(["import", fixture("import/unnamed")], io)).toBe(0);
  expect(output.stderr).toContain("namespace of the images, such as acme or quay.io/acme: ");
  expect(output.stdout).toContain("acme/web:latest");
});

test("a folder whose order is mostly lost gives exit code 1 and says which lines lead nowhere", async () => {
  const { code, stderr } = await run([fixture("import/lost"), "--namespace", "acme"]);
  expect(code).toBe(1);
  expect(stderr).toContain(
    "0 of 2 FROM lines that look like own images lead to one\nto decide: most of the order is missing: no image was found for line 2 of api/Dockerfile, line 2 of web/Dockerfile",
  );
});

test.each([
  ["no path", () => [], "missing required argument 'path'"],
  ["a missing path", () => [join(folder.path, "none")], "found no such file or folder"],
  [
    "an empty file",
    () => [file("empty", "")],
    'found an empty file ("empty"); set the kind with --from KIND',
  ],
  ["an empty config.py", () => [file("config.py", "")], "expected userName = '…' in config.py, found none"],
  [
    "a binary file",
    () => [file("binary", new Uint8Array([1, 0, 255]))],
    "found a binary file (or text in UTF-16)",
  ],
  [
    "text in Latin-1",
    () => [file("latin", new Uint8Array([0xe9, 0x0a]))],
    "found a file that is not in UTF-8",
  ],
  ["a file of 5 MB", () => [file("large", "x".repeat(5 << 20))], "found a file of more than 4 MiB"],
  ["text of no known kind", () => [file("text", "hello\n")], "which looks like none of them"],
  [
    "HCL that is none",
    () => [file("docker-bake.hcl", "target {")],
    "found another syntax: expected a name in line 1",
  ],
  ["a folder without Dockerfiles", () => [fixture("webhooks")], "expected a folder with Dockerfiles"],
  [
    "an unknown kind",
    () => ["x", "--from", "crontap"],
    "'crontap' is invalid. Allowed choices are config-py, ",
  ],
  ["an unknown option", () => ["x", "--name"], "unknown option '--name'"],
  ["an invalid namespace", () => ["x", "--namespace", "Acme"], 'after --namespace, found "Acme"'],
])("%s is refused with exit code 2 and a hint", async (_name, args, message) => {
  const { code, stdout, stderr } = await run(args());
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("tagrelay: ");
  expect(stderr).toContain(message);
});
