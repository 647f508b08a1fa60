// Loads the simulation: with the source as it is, or with the defects of a mutant.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { type Mutant, mutants } from "./mutants.ts";
import type { RunWorld } from "./world.ts";

const root = new URL("../../", import.meta.url).href;

export async function loadWorld(mutant: string | null): Promise<RunWorld> {
  if (mutant === null) return (await import("./world.ts")).runWorld;
  const number = mutants.findIndex(({ name }) => name === mutant);
  if (number === -1) throw new Error(`expected the name of a mutant in mutants.ts, found "${mutant}"`);
  registerHooksOnce();
  const world: typeof import("./world.ts") = await import(`./world.ts?mutant=${number}`);
  return world.runWorld;
}

let isRegistered = false;

/**
 * A mutant's modules carry its number in their URLs, so that one thread can load many mutants. Modules that import nothing that a
 * mutant changes are loaded once for all.
 */
function registerHooksOnce(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context);
      const number = numberIn(context.parentURL);
      const mutant = mutants[Number(number ?? -1)];
      if (mutant === undefined || !reaches(mutant, resolved.url)) return resolved;
      return { ...resolved, url: `${resolved.url}?mutant=${number}` };
    },
    load: (url, context, nextLoad) => {
      const mutant = mutants[Number(numberIn(url) ?? -1)];
      if (mutant === undefined) return nextLoad(url, context);
      return { format: "module", source: sourceFor(mutant, new URL(url)), shortCircuit: true };
    },
  });
}

const reached = new Map<Mutant, Map<string, boolean>>();

/** Whether a module is changed by the mutant, or imports one that is, however indirectly. */
function reaches(mutant: Mutant, url: string): boolean {
  if (!url.startsWith(root) || url.includes("/node_modules/") || !url.endsWith(".ts")) return false;
  const known = reached.get(mutant) ?? new Map<string, boolean>();
  reached.set(mutant, known);
  const before = known.get(url);
  if (before !== undefined) return before;
  const found = changesOf(mutant, url).length > 0 || importsOf(url).some((one) => reaches(mutant, one));
  known.set(url, found);
  return found;
}

const imports = new Map<string, string[]>();

function importsOf(url: string): string[] {
  const known = imports.get(url);
  if (known !== undefined) return known;
  const source = javaScriptOf(new URL(url));
  const specifiers = source.matchAll(/(?:\bfrom |\bimport\(|\bimport )"(\.[^"]+)"/g);
  const found = [...specifiers].map(([, specifier = ""]) => new URL(specifier, url).href);
  imports.set(url, found);
  return found;
}

function changesOf(mutant: Mutant, url: string) {
  return mutant.changes.filter(({ file }) => url.endsWith(`/shared/${file}`));
}

const unchanged = new Map<string, string>();

function sourceFor(mutant: Mutant, url: URL): string {
  const changed = mutate(mutant, url);
  return changed === null ? javaScriptOf(url) : stripTypeScriptTypes(changed);
}

/** Removing the types takes most of the time of loading a mutant, and nearly all its files are unchanged. */
function javaScriptOf(url: URL): string {
  const known = unchanged.get(url.pathname);
  if (known !== undefined) return known;
  const source = stripTypeScriptTypes(readFileSync(url, "utf8"));
  unchanged.set(url.pathname, source);
  return source;
}

function numberIn(url: string | undefined): string | null {
  return url?.startsWith(root) ? new URL(url).searchParams.get("mutant") : null;
}

/** Null if the mutant leaves the file as it is. */
function mutate(mutant: Mutant, url: URL): string | null {
  const changes = changesOf(mutant, url.pathname);
  if (changes.length === 0) return null;
  return changes.reduce(
    (text, { file, from, to }) => {
      if (text.split(from).length !== 2) {
        throw new Error(`expected this text once in shared/${file}; correct the mutant: ${from}`);
      }
      return text.replace(from, () => to);
    },
    readFileSync(url, "utf8"),
  );
}
