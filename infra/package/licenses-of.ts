// The licenses of the packages that are part of the functions' code. Each demands that its text comes with a copy.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const packageSchema = z.object({ name: z.string(), version: z.string(), license: z.string() });

/** `sources` are paths of files, of which those in node_modules count. Fails if a package has no license. */
export function licensesOf(sources: readonly string[], root: string): string {
  const names = sources.flatMap((source) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
    return name === undefined ? [] : [name];
  });
  const texts = [...new Set(names)].sort().map((name) => licenseOf(join(root, "node_modules", name)));
  return ["The functions' code contains parts of these packages.", ...texts].join(
    `\n\n${"-".repeat(80)}\n\n`,
  );
}

function licenseOf(folder: string): string {
  const { name, version, license } = packageSchema.parse(
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
  );
  const file = readdirSync(folder).find((one) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(one));
  if (file === undefined || !existsSync(join(folder, file))) {
    throw new Error(`expected a license in ${folder}, found none; add its text to ${import.meta.filename}`);
  }
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}`;
}
