// Describes a measurement: the machine, the versions and the date.
import { readFileSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { root } from "../stand-ins/program.ts";

export type Run = { date: string; machine: string; versions: Record<string, string> };

const manifest = z.object({ version: z.string() });
const named = ["hono", "undici", "zod", "@aws-sdk/client-dynamodb", "dynalite", "classic-level", "esbuild"];

export function describeRun(): Run {
  const [processor] = cpus();
  const versionOf = (name: string) =>
    manifest.parse(JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")))
      .version;
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores of ${processor?.model.trim() ?? "an unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()} on ${arch()}`,
    versions: {
      node: process.versions.node,
      ...Object.fromEntries(named.map((name) => [name, versionOf(name)])),
    },
  };
}
