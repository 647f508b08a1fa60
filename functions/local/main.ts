// `npm start`: the whole system in one process on one machine.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Node keeps what it has compiled here, so that every start but the first one is faster. Only for modules that are loaded from
// now on, so nothing is imported above.
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tagrelay", import.meta.url)));
const { exitWithMessage, runLocalProgram } = await import("./run.ts");
await runLocalProgram(process.argv.slice(2), "npm start --").catch(exitWithMessage);
