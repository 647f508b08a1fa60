// Writes the workflow that builds and tests pull requests, as Docker Hub's autotests did. It pushes nothing.
import { Document } from "yaml";
import { autotestScript, hubEnvironmentScript } from "../import/trigger/github-scripts.ts";
import { plainArgs, variablesOf } from "./build-variables.ts";
import { type HubBuild, imageOf } from "./hub-builds.ts";

const expression = (inner: string) => `\${{ ${inner} }}`;
/** A pull request to a branch of a regular expression is not: a workflow cannot ask for such branches. */
export const isTested = ({ pattern, rule, source }: HubBuild) =>
  pattern === null && rule.type === "Branch" && /^SOURCE/i.test(source.autotests);

/** Null if no pull request is tested. */
export function autotestWorkflow(builds: readonly HubBuild[]): string | null {
  const tested = builds.filter(isTested);
  if (tested.length === 0) return null;
  const branches = [...new Set(tested.map(({ rule }) => rule.source))];
  const secrets = [...new Set(tested.flatMap((build) => variablesOf(build).secrets))];
  const document = new Document(
    {
      name: "autotest",
      on: { pull_request: { branches } },
      permissions: { contents: "read" },
      defaults: { run: { shell: "bash" } },
      jobs: {
        test: {
          // Docker Hub tested a pull request by the rule of its branch.
          strategy: { "fail-fast": false, matrix: { build: tested.map(entryOf) } },
          "runs-on": "ubuntu-24.04",
          "timeout-minutes": 240,
          env: { IMAGE: expression("matrix.build.image"), FILE: expression("matrix.build.file") },
          steps: stepsFor(secrets),
        },
      },
    },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore =
    " Docker Hub's autotests of pull requests. Written by tagrelay move. Pull requests from forks get no secrets.";
  return document.toString({ lineWidth: 0 });
}

/** The condition is on each step: a job cannot ask its matrix. */
const condition =
  "github.base_ref == matrix.build.branch && (matrix.build.forks || github.event.pull_request.head.repo.full_name == github.repository)";

function stepsFor(secrets: readonly string[]): object[] {
  const args = expression("matrix.build.args");
  return [
    { if: condition, uses: "actions/checkout@v6" },
    {
      name: "Environment of hooks",
      if: condition,
      env: {
        REPOSITORY: expression("matrix.build.repository"),
        SOURCE: expression("github.base_ref"),
        VARIABLES: expression("matrix.build.variables"),
      },
      run: hubEnvironmentScript,
    },
    {
      name: "Build and test",
      if: condition,
      env: {
        CONTEXT: expression("matrix.build.context"),
        ARGS: args,
        ...Object.fromEntries(secrets.map((name) => [name, expression(`secrets.${name}`)])),
      },
      run: autotestScript,
    },
  ];
}

function entryOf(build: HubBuild) {
  const { source, rule, paths } = build;
  return {
    image: imageOf(build),
    repository: source.image,
    branch: rule.source,
    context: paths.context,
    file: paths.dockerfile,
    args: plainArgs(build).join("\n"),
    variables: variablesOf(build).plain.join("\n"),
    forks: /FORKS/i.test(source.autotests),
  };
}
