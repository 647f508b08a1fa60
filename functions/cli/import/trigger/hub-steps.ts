// The steps of the workflow for images that Docker Hub has built: its hooks, its tests, and its build variables.
import {
  afterBuildScript,
  afterPushScript,
  beforeBuildScript,
  buildHookScript,
  hubEnvironmentScript,
} from "./github-scripts.ts";

/** What Docker Hub's build of an image has beside its Dockerfile. */
export type HubSettings = {
  /** The branch or tag to build. */
  source: string;
  /** More tags of the same build. */
  tags: readonly string[];
  /** `NAME=value`: the environment of the hooks and tests. */
  variables: readonly string[];
  /** Names of variables whose values are secrets of the repository. */
  secrets: readonly string[];
  /** Names of the hooks. */
  hooks: readonly string[];
  hasTests: boolean;
};

/** What the images of one workflow need together. */
export type HubUse = {
  /** Names of secrets. */
  secrets: readonly string[];
  /** Those of them that a Dockerfile has as an argument. */
  secretArgs: readonly string[];
  /** Another workflow calls this one. */
  isCalled: boolean;
};

const expression = (inner: string) => `\${{ ${inner} }}`;

export const hubInputs = (optional: (description: string) => object) => ({
  source: optional("The branch or tag to build; empty for the one of the workflow"),
  tags: optional("More tags of the same build, one a line"),
  variables: optional("Build variables of hooks and tests, one a line"),
  secrets: optional("Names of secrets that are build variables, separated by commas"),
  hooks: optional("Hooks beside the Dockerfile, such as: pre_build build"),
  tests: optional("Test files beside the Dockerfile: yes, or empty"),
});

const isNamed = (name: string) => `contains(format(',{0},', inputs.secrets), ',${name},')`;
const secret = (name: string) => expression(`${isNamed(name)} && secrets.${name} || ''`);

/** An image has only the secrets that its inputs name. */
const secretsOf = ({ secrets }: HubUse) => Object.fromEntries(secrets.map((name) => [name, secret(name)]));

export function secretArgs({ secretArgs: names }: HubUse): string {
  return names
    .map((name) => `${expression(`${isNamed(name)} && format('${name}={0}', secrets.${name}) || ''`)}\n`)
    .join("");
}

const image = {
  IMAGE: expression("inputs.image"),
  REPOSITORY: expression("needs.plan.outputs.repository"),
  FILE: expression("inputs.file"),
};
const environment = {
  ...image,
  SOURCE: expression("inputs.source"),
  VARIABLES: expression("inputs.variables"),
};
const hasAny = "inputs.hooks != '' || inputs.tests != ''";

/** The environment of the hooks, and those before the build; in the job of the index, those after the push. */
export function beforeBuild(hub: HubUse, isIndex = false): object[] {
  const condition = isIndex ? "contains(format(' {0} ', inputs.hooks), ' post_push ')" : hasAny;
  return [
    { name: "Environment of hooks", if: condition, env: environment, run: hubEnvironmentScript },
    {
      name: isIndex ? "Hook after the push" : "Hooks before the build",
      if: condition,
      env: { ...image, ...secretsOf(hub) },
      run: isIndex ? afterPushScript : beforeBuildScript,
    },
  ];
}

export function buildHook(hub: HubUse): object {
  return {
    name: "Build by the hook",
    id: "hook",
    if: "contains(format(' {0} ', inputs.hooks), ' build ')",
    env: {
      ...image,
      PLATFORM_NAME: expression("matrix.build.name"),
      PINS: expression("inputs.pins"),
      ...secretsOf(hub),
    },
    run: buildHookScript,
  };
}

export function afterBuild(hub: HubUse, digest: string): object {
  const env = { ...image, DIGEST: digest, ...secretsOf(hub) };
  return { name: "Hooks and tests after the build", if: hasAny, env, run: afterBuildScript };
}
