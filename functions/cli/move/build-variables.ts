// Tells which build variables are secrets, and what uses them: hooks and tests, or arguments of the Dockerfile.
import { readInstructions } from "../import/dockerfile-instructions.ts";
import type { HubSettings } from "../import/trigger/hub-steps.ts";
import type { HubBuild } from "./hub-builds.ts";
import type { Variable } from "./hub-source.ts";

export type BuildVariables = {
  /** `NAME=value`, for hooks and tests. */
  plain: string[];
  /** Names of those whose values go to the secrets of the repository. */
  secrets: string[];
  /** Names that the Dockerfile has as arguments. */
  args: string[];
  /** Names that nothing was found to use. */
  unused: string[];
};

export function variablesOf({ source, dockerfile, hooks, tests }: HubBuild): BuildVariables {
  const all = source.variables.filter(({ name }) => /^[A-Za-z_]\w*$/.test(name));
  const declared = argumentsIn(dockerfile ?? "");
  const hasScripts = hooks.length > 0 || tests.length > 0;
  // The hook hands over what it wants.
  const args = hooks.includes("build") ? [] : all.filter(({ name }) => declared.has(name));
  const used = hasScripts ? all : args;
  return {
    plain: hasScripts ? used.filter((one) => !isSecret(one)).map(toText) : [],
    secrets: used.filter(isSecret).map(({ name }) => name),
    args: args.map(({ name }) => name),
    unused: all.flatMap((one) => (used.includes(one) ? [] : [one.name])),
  };
}

/** Build arguments that may be shown: `NAME=value`. */
export function plainArgs(build: HubBuild): string[] {
  const { args } = variablesOf(build);
  return build.source.variables.filter((one) => args.includes(one.name) && !isSecret(one)).map(toText);
}

const toText = ({ name, value }: Variable) => `${name}=${value}`;

function argumentsIn(dockerfile: string): Set<string> {
  const args = readInstructions(dockerfile).filter(({ keyword }) => keyword === "ARG");
  return new Set(args.flatMap(({ rest }) => rest.split(/\s+/).map((word) => word.split("=")[0] ?? "")));
}

const secretName =
  /TOKEN|SECRET|PASSW|PRIVATE|CREDENTIAL|AUTH|APIKEY|(?:^|_)(?:KEY|PAT|PASS|PWD|SSH)(?:_|$)/i;
/** Keys, addresses with a password, and long texts of letters and digits that no person would write. */
const secretValue = /-----BEGIN|:\/\/[^/\s]*:[^/\s]*@|^(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[\w+/=-]{24,}$/;

/** Also what a trigger or a workflow cannot hand over: lines, and braces that would be placeholders or expressions. */
export function isSecret({ name, value }: Variable): boolean {
  return secretName.test(name) || secretValue.test(value) || /[\r\n]|\{[A-Za-z_]|\$\{\{/.test(value);
}

export function hubSettingsOf(build: HubBuild): HubSettings {
  const { plain, secrets } = variablesOf(build);
  const hooks = build.hooks.filter((name) => name !== "push");
  const hasTests = build.tests.length > 0;
  return { source: build.rule.source, tags: build.tags.slice(1), variables: plain, secrets, hooks, hasTests };
}
