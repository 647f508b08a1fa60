// Bundles the functions for cold starts: the two that are deployed and the ones they are compared with.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleFunction } from "../../infra/bundle/bundle-function.ts";
import { esmBundle } from "../../infra/bundle/esm-bundle.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { root } from "../stand-ins/program.ts";
import { chain, chainName } from "./subject.ts";

export type Bundled = { directory: string; sourceMap: string | null; bytes: number; remove: () => void };

export const config = configOf(1);

/** With this many pipelines of five steps. */
export function configOf(chains: number): Config {
  const pipelines = Array.from({ length: chains }, (_, index) => [chainName(index), chain(index, "webhook")]);
  return compileConfig({ pipelines: Object.fromEntries(pipelines) });
}

export function bundleOurs(name: "webhook" | "schedule", configured = config): Bundled {
  const { directory, sourceMap, remove } = bundleFunction(name, configured);
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
