// Bundles a function as it is uploaded: one small ES module, its pipelines beside it, its source map kept apart.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { Config } from "../shared/core/pipeline.ts";
import { configFile } from "./settings.ts";

export type Bundle = {
  /** What is uploaded. */
  directory: string;
  /** The source map, for reading a stack trace by hand: it is not loaded. */
  sourceMap: string;
  remove: () => void;
};

const root = fileURLToPath(new URL("..", import.meta.url));
const undici = dirname(createRequire(import.meta.url).resolve("undici/package.json"));

export function bundleFunction(name: "webhook" | "schedule", config: Config): Bundle {
  const made = mkdtempSync(join(tmpdir(), "tagrelay-bundle-"));
  buildSync({
    absWorkingDir: root,
    entryPoints: [`functions/${name}/main.ts`],
    outfile: join(made, "index.mjs"),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // The AWS SDK is smaller by its ES modules.
    mainFields: ["module", "main"],
    // Of undici, a request and its agent are all that is used.
    alias: {
      undici: join(root, "infra/undici-parts.js"),
      "undici-agent": join(undici, "lib/dispatcher/agent.js"),
      "undici-request": join(undici, "lib/api/api-request.js"),
    },
    // What is CommonJS still asks for Node's own modules by require.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    sourcemap: "external",
    logLevel: "warning",
  });
  const directory = join(made, "code");
  mkdirSync(directory);
  cpSync(join(made, "index.mjs"), join(directory, "index.mjs"));
  writeFileSync(join(directory, configFile), JSON.stringify(config));
  return {
    directory,
    sourceMap: join(made, "index.mjs.map"),
    remove: () => rmSync(made, { recursive: true, force: true }),
  };
}
