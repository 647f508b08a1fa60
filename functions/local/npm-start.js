// `npm start`: the whole system in one process on one machine. Plain JavaScript: for a first file in TypeScript, Node would load
// its parser of types, which takes time and some twenty megabytes. For the others, it keeps what it has compiled.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// Before anything is loaded: while all of it is, the young generation would grow to eight megabytes and stay so. See
// keep-heap-small.ts.
setFlagsFromString("--semi-space-growth-factor=1");

// Only for modules that are loaded from now on, so nothing is imported above.
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tagrelay", import.meta.url)));
const { exitWithMessage, runLocalProgram } = await import("./run.ts");
await runLocalProgram(process.argv.slice(2), "npm start --").catch(exitWithMessage);
