#!/usr/bin/env node
// The entry point of `npx tagrelay`. Plain JavaScript, so that an old Node can report that it is too old.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
/** The clone has the sources. The package has what was compiled from them, because Node runs no TypeScript in packages. */
const isClone = existsSync(new URL("main.ts", import.meta.url));

if (major > 22 || (major === 22 && minor >= 19)) {
  // Makes every start but the first one faster.
  module.enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tagrelay", import.meta.url)));
  const { main } = await import(isClone ? "./main.ts" : "../../dist/functions/cli/main.js");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const advice = isClone
    ? "in the clone, after npm ci, run: npx tagrelay"
    : "update Node, or add it to this folder with: npm install node@24";
  process.stderr.write(`tagrelay: expected Node 22.19 or newer, found ${process.versions.node}; ${advice}\n`);
  process.exitCode = 2;
}
