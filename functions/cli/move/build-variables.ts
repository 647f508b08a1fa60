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
};

export function variablesOf({ source, dockerfile, hooks, tests }: HubBuild): BuildVariables {
  const all = source.variables.filter(({ name }) => /^[A-Za-z_]\w*$/.test(name));
  const declared = argumentsIn(dockerfile ?? "");
  const hasScripts = hooksThatRun(hooks).length > 0 || tests.length > 0;
  // This hook builds the image, and passes arguments of its own.
  const args = hooks.includes("build") ? [] : all.filter(({ name }) => declared.has(name));
  return {
    plain: hasScripts ? all.filter((one) => !isStoredAsSecret(one)).map(toText) : [],
    secrets: (hasScripts ? all : args).filter(isStoredAsSecret).map(({ name }) => name),
    args: args.map(({ name }) => name),
  };
}

/** Build arguments that may be shown: `NAME=value`. */
export function plainArgs(build: HubBuild): string[] {
  const { args } = variablesOf(build);
  return build.source.variables
    .filter((one) => args.includes(one.name) && !isStoredAsSecret(one))
    .map(toText);
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

export function isSecret({ name, value }: Variable): boolean {
  return secretName.test(name) || secretValue.test(value);
}

/**
 * A value with line breaks cannot be written into a trigger, nor can one with braces, which would be taken for a placeholder or an
 * expression. So it is stored like a secret.
 */
export function isStoredAsSecret(variable: Variable): boolean {
  return isSecret(variable) || /[\r\n]|\{[A-Za-z_]|\$\{\{/.test(variable.value);
}

/** The images are pushed by the build itself. */
function hooksThatRun(hooks: readonly string[]): string[] {
  return hooks.filter((name) => name !== "push");
}

export function hubSettingsOf(build: HubBuild): HubSettings {
  const { plain, secrets } = variablesOf(build);
  const hooks = hooksThatRun(build.hooks);
  const hasTests = build.tests.length > 0;
  return { source: build.rule.source, tags: build.tags.slice(1), variables: plain, secrets, hooks, hasTests };
}
