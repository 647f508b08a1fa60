#!/usr/bin/env node
// The entry point of `npx tagrelay`. Plain JavaScript, so that an old Node can report that it is too old.
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  // Makes every start but the first one faster.
  module.enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tagrelay", import.meta.url)));
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(
    `tagrelay: expected Node 22.18 or newer, found ${process.versions.node}; in the clone, after npm ci, run: npx tagrelay\n`,
  );
  process.exitCode = 2;
}
