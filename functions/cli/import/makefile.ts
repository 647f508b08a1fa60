// Reads the `docker build` lines of a Makefile.
import { type DockerCommand, dockerCommands } from "./docker-commands.ts";
import { openPart } from "./open-text.ts";
import { expandShell } from "./shell-text.ts";

export function makefileBuilds(text: string, folder: string): DockerCommand[] {
  const lines = text.replace(/\\\r?\n[ \t]*/g, " ").split(/\r?\n/);
  const variables = readVariables(lines);
  const ofTargets = new Map<string, Map<string, string>>();
  const found: DockerCommand[] = [];
  let targets: string[] = [];
  for (const line of lines) {
    const [, names, rest = ""] = /^([^\s#:=][^:=#]*):(?!=)(.*)$/.exec(line) ?? [];
    if (names !== undefined) {
      targets = expandMake(names, variables, 0)
        .split(/\s+/)
        .filter((name) => name !== "");
      for (const target of targets) readOwnVariable(target, rest, ofTargets);
    } else if (/^[\t ]/.test(line)) {
      // The line may stand for several targets, by the name of each.
      const usesTarget = /\$[@*({]?[@*]|\$\([@*][DF]\)/.test(line);
      const each = usesTarget || targets.some((target) => ofTargets.has(target)) ? targets : [""];
      for (const target of each) {
        const own = new Map([...variables, ...(ofTargets.get(target) ?? []), ["@", target]]);
        const script = expandMake(line, own, 0);
        if (/\b(?:build|bud)\b/.test(script))
          found.push(...dockerCommands(expandShell(script, new Map()), folder));
      }
    }
  }
  return found;
}

/** `target: NAME := value` is a variable of that target. */
function readOwnVariable(target: string, rest: string, ofTargets: Map<string, Map<string, string>>): void {
  const [, name, value = ""] =
    /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:\?|:{0,3})=\s*(.*?)\s*$/.exec(rest) ?? [];
  if (name !== undefined) ofTargets.set(target, (ofTargets.get(target) ?? new Map()).set(name, value));
}

function readVariables(lines: readonly string[]): Map<string, string> {
  const variables = new Map<string, string>();
  for (const line of lines) {
    const [, name, sign, value = ""] =
      /^(?:export\s+|override\s+)?([A-Za-z_][\w.-]*)\s*(\?=|:{0,3}=|\+=|!=)\s*(.*?)\s*(?:\s#.*)?$/.exec(
        line,
      ) ?? [];
    if (name === undefined) continue;
    if (sign === "!=") variables.set(name, openPart(value));
    else if (sign === "+=") variables.set(name, `${variables.get(name) ?? ""} ${value}`.trim());
    // Of itself, it has no value yet.
    else if (sign !== "?=" || !variables.has(name)) {
      variables.set(name, value.replaceAll(`$(${name})`, "").replaceAll(`\${${name}}`, ""));
    }
  }
  return variables;
}

const maxDepth = 20;

/** `$(NAME)`, `$(or a,b)` and some other functions; anything else becomes an open part. `$$` stays for the shell. */
export function expandMake(text: string, variables: ReadonlyMap<string, string>, depth: number): string {
  let expanded = "";
  for (let at = 0; at < text.length; at += 1) {
    const next = text[at + 1] ?? "";
    if (text[at] !== "$") expanded += text[at] ?? "";
    else if (next === "$") {
      expanded += "$";
      at += 1;
    } else if (next === "(" || next === "{") {
      const end = closingOf(text, at + 1);
      if (end === -1) return expanded + text.slice(at);
      expanded += resolve(text.slice(at + 2, end), variables, depth);
      at = end;
    } else {
      expanded += variables.get(next) ?? openPart(next);
      at += 1;
    }
  }
  return expanded;
}

function closingOf(text: string, from: number): number {
  const [open, close] = text[from] === "(" ? ["(", ")"] : ["{", "}"];
  let level = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === open) level += 1;
    if (text[at] === close) level -= 1;
    if (level === 0) return at;
  }
  return -1;
}

function resolve(inner: string, variables: ReadonlyMap<string, string>, depth: number): string {
  if (depth > maxDepth) return openPart(inner);
  const expand = (part: string) => expandMake(part, variables, depth + 1).trim();
  const [, name = "", rest = ""] = /^([a-z]+)\s+([\s\S]*)$/.exec(inner) ?? [];
  const args = splitArguments(rest);
  const [first = "", second = "", third = ""] = args;
  const words = (part: string) =>
    expand(part)
      .split(/\s+/)
      .filter((word) => word !== "");
  switch (name) {
    case "or":
      return args.map(expand).find((value) => value !== "") ?? "";
    case "if":
      return expand(first) === "" ? expand(third) : expand(second);
    case "strip":
      return words(first).join(" ");
    case "notdir":
      return words(first)
        .map((word) => word.split("/").at(-1) ?? "")
        .join(" ");
    case "addprefix":
      return words(second)
        .map((word) => `${expand(first)}${word}`)
        .join(" ");
    case "addsuffix":
      return words(second)
        .map((word) => `${word}${expand(first)}`)
        .join(" ");
    case "subst":
      return expand(third).replaceAll(expand(first), expand(second));
    case "word":
      return words(second)[Number(expand(first)) - 1] ?? "";
    case "firstword":
      return words(first)[0] ?? "";
    case "lastword":
      return words(first).at(-1) ?? "";
  }
  if (name !== "") return openPart(inner);
  const [, variable = inner, from, to] = /^([\w.@-]+):([^=]*)=(.*)$/.exec(inner) ?? [];
  const value = variables.get(variable) ?? (variable === "@" || variable === "*" ? undefined : "");
  if (value === undefined || /^[@*<^?+][DF]$/.test(variable)) return openPart(inner);
  const expanded = expand(value);
  if (from === undefined || to === undefined) return expanded;
  return expanded
    .split(/\s+/)
    .map((word) => (word.endsWith(from) ? word.slice(0, word.length - from.length) + to : word))
    .join(" ");
}

/** At the commas that are not within brackets. */
function splitArguments(text: string): string[] {
  const parts = [""];
  let level = 0;
  for (const character of text) {
    if ("({".includes(character)) level += 1;
    if (")}".includes(character)) level -= 1;
    if (character === "," && level === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}
