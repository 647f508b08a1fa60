// Removes the declarations that nothing needs which the package exports: four in five files.
import { globSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** `entries` are the declarations that `exports` in package.json names. */
export function removeUnusedDeclarations(folder: string, entries: readonly string[]): void {
  const needed = new Set<string>();
  const pending = [...entries];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (needed.has(file)) continue;
    needed.add(file);
    pending.push(...importsOf(file));
  }
  for (const name of globSync("**/*.d.ts", { cwd: folder })) {
    const file = join(folder, name);
    if (!needed.has(file)) rmSync(file);
  }
}

/** Declarations import each other by the names of the sources: `./pipeline.ts` means `pipeline.d.ts`. */
function importsOf(file: string): string[] {
  const specifiers = readFileSync(file, "utf8").matchAll(/(?:\bfrom |\bimport\(|\bimport )"(\.[^"]+)\.ts"/g);
  return [...specifiers].map(([, path = ""]) => `${join(dirname(file), path)}.d.ts`);
}
