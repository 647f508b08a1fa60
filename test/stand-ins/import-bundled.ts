// Imports a module bundled like the functions, without the parts that their bundles leave out.
import { execFileSync } from "node:child_process";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./program.ts";

export function importBundled(entryPoint: string, folder: string) {
  const file = join(folder, `${basename(entryPoint)}.mjs`);
  execFileSync(process.execPath, ["infra/bundle/build.ts", entryPoint, file], { cwd: root });
  return import(pathToFileURL(file).href);
}
