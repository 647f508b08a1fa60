// Replaces the variables of a shell's text, as far as their values are known.
import { openPart } from "./open-text.ts";

/** `$X`, `${X}`, `${X:-default}`, `$(command)` and `` `command` ``; what is not known becomes an open part. */
export function expandShell(text: string, values: ReadonlyMap<string, string>): string {
  const withoutCommands = text
    .replace(/\$\((?:[^()]|\([^()]*\))*\)/g, (whole) => openPart(whole.slice(2, -1)))
    .replace(/`[^`\n]*`/g, (whole) => openPart(whole.slice(1, -1)));
  return withoutCommands.replace(
    /\$(?:\{([A-Za-z_]\w*)(?::?([-=])([^{}]*))?[^}]*\}|([A-Za-z_@*#?]\w*))/g,
    (_whole, braced?: string, _operator?: string, fallback?: string, plain?: string) => {
      const name = braced ?? plain ?? "";
      return values.get(name) ?? fallback ?? openPart(name);
    },
  );
}

/** The assignments of a script, `NAME=value`, each with those before it. */
export function readAssignments(script: string, given: ReadonlyMap<string, string>): Map<string, string> {
  const values = new Map(given);
  for (const line of script.split("\n")) {
    const [, name, value = ""] =
      /^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=(\S.*|"[^"]*"|)$/.exec(line) ?? [];
    if (name === undefined || /[;&|]/.test(value)) continue;
    const own = new Map(values);
    own.delete(name);
    values.set(name, expandShell(value.trim().replace(/^(["'])(.*)\1$/, "$2"), values));
  }
  return values;
}
