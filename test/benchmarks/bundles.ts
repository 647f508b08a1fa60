// Bundles the functions for cold starts: the two that are deployed and the ones they are compared with.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleFunction } from "../../infra/bundle/bundle-function.ts";
import { esmBundle } from "../../infra/bundle/esm-bundle.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { root } from "../stand-ins/program.ts";
import { chain, chainName } from "./subject.ts";

export type Bundled = { directory: string; sourceMap: string | null; bytes: number; remove: () => void };

export const config = compileConfig({ pipelines: { [chainName(0)]: chain(0, "webhook") } });

export function bundleOurs(name: "webhook" | "schedule"): Bundled {
  const { directory, sourceMap, remove } = bundleFunction(name, config);
  return { directory, sourceMap, bytes: bytesIn(directory), remove };
}

export async function bundleOther(name: "answers-200" | "one-call" | "plain"): Promise<Bundled> {
  const made = mkdtempSync(join(tmpdir(), "tagrelay-benchmark-"));
  const directory = join(made, "code");
  mkdirSync(directory);
  await build({
    absWorkingDir: root,
    entryPoints: [`test/benchmarks/functions/${name}.ts`],
    outfile: join(directory, "index.mjs"),
    ...esmBundle,
  });
  const remove = () => rmSync(made, { recursive: true, force: true });
  return { directory, sourceMap: null, bytes: bytesIn(directory), remove };
}

const bytesIn = (directory: string) => readFileSync(join(directory, "index.mjs")).byteLength;
