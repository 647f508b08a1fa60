// Bundles a function as it is uploaded: one small ES module, its pipelines beside it, its source map kept apart.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../shared/core/pipeline.ts";
import { configFile } from "../settings.ts";

export type Bundle = {
  /** What is uploaded. */
  directory: string;
  /** For reading a stack trace by hand: it is not loaded. */
  sourceMap: string;
  remove: () => void;
};

/** What the status pages are sent with, and what describes the API. The other function has neither. */
const assets = fileURLToPath(new URL("../../shared/http/pages/assets", import.meta.url));
const openapi = fileURLToPath(new URL("../../docs/openapi.json", import.meta.url));

const build = fileURLToPath(new URL("build.ts", import.meta.url));

export function bundleFunction(name: "webhook" | "schedule", config: Config): Bundle {
  const made = mkdtempSync(join(tmpdir(), "tagrelay-bundle-"));
  const directory = join(made, "code");
  const sourceMap = join(made, "index.mjs.map");
  mkdirSync(directory);
  execFileSync(process.execPath, [build, `functions/${name}/main.ts`, join(directory, "index.mjs")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  renameSync(join(directory, "index.mjs.map"), sourceMap);
  if (name === "webhook") {
    cpSync(assets, join(directory, "assets"), { recursive: true });
    cpSync(openapi, join(directory, "openapi.json"));
  }
  writeFileSync(join(directory, configFile), JSON.stringify(config));
  return { directory, sourceMap, remove: () => rmSync(made, { recursive: true, force: true }) };
}
