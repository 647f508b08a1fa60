// Bundles a function for upload: one small ES module and its pipelines, with the source map kept apart.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { filesOf } from "./files-of.ts";

export type FunctionName = "webhook" | "schedule" | "deploy-schedules";

export type Bundle = {
  /** The files to upload. */
  directory: string;
  /** Not uploaded; translates a stack trace by hand. */
  sourceMap: string;
  remove: () => void;
};

/** For the status pages and `/api/openapi.json`, which only the webhook function serves. */
const assets = fileURLToPath(new URL("../../shared/http/pages/assets", import.meta.url));
const openapi = fileURLToPath(new URL("../../docs/openapi.json", import.meta.url));

export function bundleFunction(name: FunctionName, config: Config): Bundle {
  const { code, map } = buildOnce(name);
  const folder = mkdtempSync(join(tmpdir(), "tagrelay-bundle-"));
  const directory = join(folder, "code");
  const sourceMap = join(folder, "index.mjs.map");
  mkdirSync(directory);
  writeFileSync(join(directory, "index.mjs"), code);
  writeFileSync(sourceMap, map);
  if (name === "webhook") {
    cpSync(assets, join(directory, "assets"), { recursive: true });
    cpSync(openapi, join(directory, "openapi.json"));
  }
  for (const [file, text] of Object.entries(filesOf(name, config)))
    writeFileSync(join(directory, file), text);
  return { directory, sourceMap, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

type Built = { code: Buffer; map: Buffer };

const build = fileURLToPath(new URL("build.ts", import.meta.url));
const built = new Map<FunctionName, Built>();

/** The module does not depend on the configuration, so a process builds each function once for all stacks. */
function buildOnce(name: FunctionName): Built {
  const known = built.get(name);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), "tagrelay-build-"));
  const output = join(folder, "index.mjs");
  try {
    execFileSync(process.execPath, [build, `functions/${name}/main.ts`, output], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const made = { code: readFileSync(output), map: readFileSync(`${output}.map`) };
    built.set(name, made);
    return made;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
