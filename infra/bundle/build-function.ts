// Builds the code of a function: one small ES module and the files that it serves, with the source map kept apart.
// Needs esbuild and the sources, so it runs in the clone: when it is synthesized, and when the package is made.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const functionNames = ["webhook", "schedule", "deploy-schedules"] as const;
export type FunctionName = (typeof functionNames)[number];

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** For the status pages and `/api/openapi.json`, which only the webhook function serves. */
const served = {
  assets: here("../../shared/http/pages/assets"),
  "openapi.json": here("../../docs/openapi.json"),
};

/** Writes `code/` and `index.mjs.map` into the folder. */
export function buildFunction(name: FunctionName, folder: string): void {
  const code = join(folder, "code");
  mkdirSync(code, { recursive: true });
  const output = join(code, "index.mjs");
  execFileSync(process.execPath, [here("build.ts"), `functions/${name}/main.ts`, output], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  renameSync(`${output}.map`, join(folder, "index.mjs.map"));
  if (name !== "webhook") return;
  for (const [file, source] of Object.entries(served)) cpSync(source, join(code, file), { recursive: true });
}
