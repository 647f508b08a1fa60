// Profiles a cold start (loading a bundle and the first webhook that advances a run) by packages and folders.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { root } from "../stand-ins/program.ts";
import { type Frame, packageOf, profileSchema, timesByModule } from "./profiles.ts";

const tookSchema = z.object({ loadMs: z.number(), firstMs: z.number(), modules: z.array(z.string()) });

const script = join(root, "test/benchmarks/first-webhook.js");

/** Measures the loading of a bundle and its first webhook. */
export async function loadAndPush(
  directory: string,
  event: unknown,
  environment: Record<string, string>,
): Promise<z.infer<typeof tookSchema>> {
  const args = [script, directory, JSON.stringify(event)];
  const { stderr } = await promisify(execFile)(process.execPath, args, { env: environment });
  return tookSchema.parse(JSON.parse(stderr));
}

/** Returns milliseconds by the names of packages and folders. */
export async function profileFirstWebhook(
  directory: string,
  sourceMap: string,
  event: unknown,
  environment: Record<string, string>,
): Promise<Map<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), "tagrelay-profile-"));
  const profiling = ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${folder}`];
  const args = [...profiling, script, directory, JSON.stringify(event)];
  await promisify(execFile)(process.execPath, args, { env: environment });
  const [file = ""] = readdirSync(folder);
  const profile = profileSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  rmSync(folder, { recursive: true });
  const map = new SourceMap(JSON.parse(readFileSync(sourceMap, "utf8")));
  return timesByModule(profile, (frame) => moduleOf(frame, map));
}

/** Null for work that counts for its caller. */
function moduleOf({ url, lineNumber, columnNumber }: Frame, map: SourceMap): string | null {
  if (!url.endsWith("index.mjs")) return null;
  const entry = map.findEntry(lineNumber, columnNumber);
  const source = "originalSource" in entry ? entry.originalSource : "";
  const inPackage = packageOf(source);
  if (inPackage !== null) return inPackage;
  return /(?:shared|functions|infra)\/[^/]+/.exec(source)?.[0] ?? "the bundle's own lines";
}
