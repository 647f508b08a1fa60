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

/** A mutant's modules carry its number in their URLs, so that one thread can load many mutants. */
function registerHooksOnce(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context);
      const number = numberIn(context.parentURL);
      const isOurs = resolved.url.startsWith(root) && !resolved.url.includes("/node_modules/");
      return number === null || !isOurs ? resolved : { ...resolved, url: `${resolved.url}?mutant=${number}` };
    },
    load: (url, context, nextLoad) => {
      const mutant = mutants[Number(numberIn(url) ?? -1)];
      if (mutant === undefined || !new URL(url).pathname.endsWith(".ts")) return nextLoad(url, context);
      return { format: "module", source: sourceFor(mutant, new URL(url)), shortCircuit: true };
    },
  });
}

const unchanged = new Map<string, string>();

/** JavaScript. Removing the types takes most of the time of loading a mutant, and nearly all its files are unchanged. */
function sourceFor(mutant: Mutant, url: URL): string {
  const changed = mutate(mutant, url);
  if (changed !== null) return stripTypeScriptTypes(changed);
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
  const changes = mutant.changes.filter(({ file }) => url.pathname.endsWith(`/shared/${file}`));
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
