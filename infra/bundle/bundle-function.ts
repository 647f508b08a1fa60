// Bundles a function for upload: its code, which the package has and a clone builds, and the pipelines beside it.
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { buildFunction, type FunctionName } from "./build-function.ts";
import { filesOf } from "./files-of.ts";

export type Bundle = {
  /** The files to upload. */
  directory: string;
  /** Not uploaded; translates a stack trace by hand. */
  sourceMap: string;
  /** Removes the files to upload. Without it, they are removed when the process ends. */
  remove: () => void;
};

/** Only in the package: infra/package/build.ts puts it there. */
const prebuilt = fileURLToPath(new URL("../../bundles", import.meta.url));

export function bundleFunction(name: FunctionName, config: Config): Bundle {
  const built = existsSync(prebuilt) ? join(prebuilt, name) : buildOnce(name);
  const directory = mkdtempSync(join(workFolder(), `${name}-`));
  cpSync(join(built, "code"), directory, { recursive: true });
  for (const [file, text] of Object.entries(filesOf(name, config))) {
    writeFileSync(join(directory, file), text);
  }
  const remove = () => rmSync(directory, { recursive: true, force: true });
  return { directory, sourceMap: join(built, "index.mjs.map"), remove };
}

const built = new Map<FunctionName, string>();

/** The code does not depend on the configuration, so a process builds each function once for all stacks. */
function buildOnce(name: FunctionName): string {
  const known = built.get(name);
  if (known !== undefined) return known;
  const folder = join(workFolder(), `built-${name}`);
  buildFunction(name, folder);
  built.set(name, folder);
  return folder;
}

let folder: string | null = null;

/** Stays until the process ends: with asset staging disabled, the assembly refers to the files in it. */
function workFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), "tagrelay-bundles-"));
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
