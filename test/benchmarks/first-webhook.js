// Loads a bundle and passes it one event, like a cold start. Prints how long both took and which Node modules were loaded.
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
