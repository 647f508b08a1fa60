// Finds the images that a Dockerfile is built from: its FROM lines, and images that it copies from.
import { type Instruction, readInstructions } from "./dockerfile-instructions.ts";
import { expandVariables } from "./expand-variables.ts";

/** An image that a build needs. `unknown` lists the variables in its name that have no value. */
export type Need = { text: string; unknown: readonly string[]; line: number };
export type Dockerfile = {
  needs: Need[];
  /** What the image itself stands on: the base of its last stage; null for `scratch`. */
  base: Need | null;
  /** Versions that its arguments and variables have, such as 1.29.8 of `ENV NGINX_VERSION=1.29.8`. */
  versions: string[];
  problems: string[];
};
export type BuildOptions = { args: ReadonlyMap<string, string>; target: string | null };

// Predefined by Docker. The platform makes no difference to the build order.
const platform = [
  ...["TARGETPLATFORM", "BUILDPLATFORM"].map((name): [string, string] => [name, "linux/amd64"]),
  ...["TARGETOS", "BUILDOS"].map((name): [string, string] => [name, "linux"]),
  ...["TARGETARCH", "BUILDARCH"].map((name): [string, string] => [name, "amd64"]),
  ...["TARGETVARIANT", "BUILDVARIANT"].map((name): [string, string] => [name, ""]),
];

export function readDockerfile(
  text: string,
  { args, target }: BuildOptions = { args: new Map(), target: null },
): Dockerfile {
  const values = new Map<string, string>(platform);
  const stages: string[] = [];
  /** What each stage stands on, by its name and its number. */
  const bases = new Map<string, Need | null>();
  let base: Need | null = null;
  const needs: Need[] = [];
  const problems: string[] = [];
  const versions: string[] = [];
  let isPastTarget = false;
  for (const instruction of readInstructions(text)) {
    if (/^(?:ENV|ARG)$/.test(instruction.keyword)) versions.push(...versionsIn(instruction.rest));
    const isFrom = instruction.keyword === "FROM";
    if (isFrom && isPastTarget) break;
    if (isFrom) {
      const found = readFrom(instruction, values);
      if (found.kind === "problem") problems.push(found.problem);
      else if (!stages.includes(found.need.text.toLowerCase())) needs.push(found.need);
      const name = found.kind === "from" ? found.name : "";
      base = found.kind === "from" ? baseOf(found.need, bases) : null;
      for (const key of [name, String(stages.length)]) bases.set(key, base);
      isPastTarget = target !== null && [name, String(stages.length)].includes(target.toLowerCase());
      stages.push(name);
    } else if (instruction.keyword === "ARG" && stages.length === 0) {
      readArgs(instruction.rest, values, args);
    } else {
      needs.push(...readCopies(instruction, stages));
    }
  }
  if (stages.length === 0) problems.push("expected a FROM line, found none");
  return { needs: needs.filter(({ text: image }) => image !== "scratch"), base, versions, problems };
}

function versionsIn(rest: string): string[] {
  const pattern = /\w*VERSION(?:=|\s+)["']?(\d[\w.-]{0,40})/g;
  return [...rest.slice(0, 2000).matchAll(pattern)].map(([, version = ""]) => version);
}

/** A stage may be built from another one. */
function baseOf(need: Need, bases: ReadonlyMap<string, Need | null>): Need | null {
  const stage = bases.get(need.text.toLowerCase());
  return stage === undefined ? (need.text === "scratch" ? null : need) : stage;
}

type From = { kind: "from"; need: Need; name: string } | { kind: "problem"; problem: string };

function readFrom({ rest, line }: Instruction, values: ReadonlyMap<string, string>): From {
  const words = rest.split(/\s+/).filter((word) => word !== "" && !word.startsWith("--"));
  const [image, as, name, ...more] = words;
  const isNamed = as?.toUpperCase() === "AS" && name !== undefined && more.length === 0;
  if (image === undefined || (as !== undefined && !isNamed)) {
    return {
      kind: "problem",
      problem: `expected FROM image [AS name] in line ${line}, found a different form`,
    };
  }
  const expanded = expandVariables(unquote(image), values);
  if (expanded.text === "") {
    return { kind: "problem", problem: `expected an image in line ${line}, found an empty variable` };
  }
  return { kind: "from", need: { ...expanded, line }, name: (name ?? "").toLowerCase() };
}

/** `ARG A=1 B="two"`. FROM lines can use only arguments that precede the first FROM. */
function readArgs(rest: string, values: Map<string, string>, given: ReadonlyMap<string, string>): void {
  for (const [, name = "", double, single, bare] of rest.matchAll(
    /(?:^|\s)([A-Za-z_]\w*)(?:=(?:"([^"]*)"|'([^']*)'|(\S*)))?(?=\s|$)/g,
  )) {
    const override = given.get(name);
    const value = double ?? bare;
    if (override !== undefined) values.set(name, override);
    else if (single !== undefined) values.set(name, single);
    else if (value !== undefined) {
      const { text, unknown } = expandVariables(value, values);
      if (unknown.length === 0) values.set(name, text);
      else values.delete(name);
    }
  }
}

/** `COPY --from=` and `RUN --mount=from=` refer to a stage by name or number, or to an image. */
function readCopies({ keyword, rest, line }: Instruction, stages: readonly string[]): Need[] {
  const pattern = fromFlags.get(keyword);
  if (pattern === undefined) return [];
  const flags = /^(?:--\S+\s+)+/.exec(rest)?.[0] ?? "";
  return flags.split(/\s+/).flatMap((flag) => {
    const text = unquote(pattern.exec(flag)?.[1] ?? "");
    const isStage = stages.includes(text.toLowerCase()) || /^\d+$/.test(text);
    if (isStage || text === "") return [];
    const unknown = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name);
    return { text, unknown, line };
  });
}

const fromFlags = new Map([
  ["COPY", /^--from=(.+)$/],
  ["RUN", /^--mount=(?:.*,)?from=([^,]+)/],
]);

function unquote(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}
