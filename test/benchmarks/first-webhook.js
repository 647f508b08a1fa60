// A process that loads a bundle and hands it one event, as a function does that starts cold, and tells how long each took
// and what of Node it has loaded for that.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [directory = "", event = ""] = process.argv.slice(2);
const before = new Set(process.moduleLoadList);
const beganAt = performance.now();
const { handler } = await import(pathToFileURL(join(directory, "index.mjs")).href);
const loadedAt = performance.now();
await handler(JSON.parse(event));
const answeredAt = performance.now();
const modules = process.moduleLoadList
  .filter((name) => name.startsWith("NativeModule ") && !before.has(name))
  .map((name) => name.replace("NativeModule ", ""));
process.stderr.write(JSON.stringify({ loadMs: loadedAt - beganAt, firstMs: answeredAt - loadedAt, modules }));
process.exit();
