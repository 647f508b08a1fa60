// `npm start`: the whole system in one process on one machine. Plain JavaScript: for a first file in TypeScript, Node would load
// its parser of types, which takes time and some twenty megabytes. For the others, it keeps what it has compiled.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// Before anything is loaded: while all of it is, the young generation would grow to eight megabytes and stay so. See
// keep-heap-small.ts.
setFlagsFromString("--semi-space-growth-factor=1");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isInstalled = existsSync(new URL("../../node_modules/hono", import.meta.url));

// The packages bring the Node that npm start uses, so without them it may also be too old.
if (!isInstalled || major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write("tagrelay: expected the packages to be installed; run npm ci, and then npm start\n");
  process.exitCode = 2;
} else {
  // Only for modules that are loaded from now on, so nothing of the program is imported above.
  module.enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tagrelay", import.meta.url)));
  const { exitWithMessage, runLocalProgram } = await import("./run.ts");
  await runLocalProgram(process.argv.slice(2), "npm start --").catch(exitWithMessage);
}
