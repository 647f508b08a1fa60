#!/usr/bin/env node
// What `npx tagrelay` starts. Plain JavaScript, so that a Node too old for the rest can still say what is wrong.
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  // What was compiled once is there at once the next time.
  module.enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tagrelay", import.meta.url)));
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(
    `tagrelay: expected Node 22.18 or newer, found ${process.versions.node}; in the clone, after npm ci, run: npx tagrelay\n`,
  );
  process.exitCode = 2;
}
