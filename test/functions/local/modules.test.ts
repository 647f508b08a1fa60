// Limits on what a start loads, which is the same on every machine. `npm run bench -- start` measures times.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Folder, makeFolder, type Program, root, startProgram } from "../../stand-ins/program.ts";

let folder: Folder;
let program: Program;
let loaded: string[];
beforeEach(async () => {
  folder = makeFolder();
  const record = pathToFileURL(join(root, "test/stand-ins/record-modules.js")).href;
  const file = join(folder.path, "modules.txt");
  const config = folder.config({ chain: { image: "acme/chain", sequence: ["a", "b"] } });
  program = await startProgram(["--data", folder.data, "--config", config], {
    NODE_OPTIONS: `--import=${record}`,
    MODULES_FILE: file,
  });
  const urls = readFileSync(file, "utf8").split("\n");
  loaded = urls.filter((url) => url.startsWith("file:")).map((url) => relative(root, fileURLToPath(url)));
});
afterEach(async () => {
  await program.kill("SIGTERM");
  folder.remove();
});

const packageOf = (path: string) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];

test("a start loads no package that only some programs use", async () => {
  const packages = [...new Set(loaded.flatMap((path) => packageOf(path) ?? []))].sort();
  expect(packages).toMatchInlineSnapshot(`
    [
      "@hono/node-server",
      "abstract-level",
      "async",
      "big.js",
      "classic-level",
      "croner",
      "dynalite",
      "fastest-levenshtein",
      "functional-red-black-tree",
      "hono",
      "lazy",
      "level",
      "level-supports",
      "level-transcoder",
      "lock",
      "maybe-combine-errors",
      "memory-level",
      "module-error",
      "node-gyp-build",
      "once",
      "undici",
      "wrappy",
      "yaml",
      "zod",
    ]
  `);
  const own = loaded.filter((path) => packageOf(path) === undefined);
  expect(own.length).toBeLessThanOrEqual(430);
  expect(loaded.length).toBeLessThanOrEqual(900);
});
