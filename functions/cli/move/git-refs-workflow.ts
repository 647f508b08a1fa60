// Writes the workflow for pushes that start no run of a pipeline, such as those of git tags: it builds what matches, by image.yml.
import { Document } from "yaml";
import { inputsOf } from "../import/trigger/github-trigger.ts";
import { hubSettingsOf, plainArgs } from "./build-variables.ts";
import { type HubBuild, imageOf } from "./hub-builds.ts";

const expression = (inner: string) => `\${{ ${inner} }}`;

/** As Docker Hub: `{sourceref}` is the name of the branch or tag, `{\\1}` what the first group has matched. */
export const matchScript = `jq --null-input --raw-output --argjson rules "$RULES" --arg type "$TYPE" --arg name "$NAME" '
  [$rules[] | select(.type == $type) | . as $rule |
    [$name | match($rule.pattern)] | first // empty | [.captures[].string // ""] as $groups |
    [$rule.tag | split(",")[] | split("{sourceref}") | join($name) |
      reduce range(1; 10) as $n (.; split("{\\\\\\($n)}") | join($groups[$n - 1] // "")) |
      gsub("^\\\\s+|\\\\s+$"; "") | gsub("[^\\\\w.-]"; "-") | select(. != "")] as $tags |
    select($tags != []) |
    $rule.inputs + { image: "\\($rule.image):\\($tags[0])", tags: ($tags[1:] | join("\\n")), source: $name }
  ] | "builds=\\(.)"' >> "$GITHUB_OUTPUT"
`;

const inputNames = [
  ...["image", "context", "file", "build-args", "platforms"],
  ...["source", "tags", "variables", "secrets", "hooks", "tests"],
];

/** Whether a push builds it by this workflow: its tags depend on the push, or its pipeline has another source. */
export function isByRef({ pattern, rule }: HubBuild, isSource: boolean): boolean {
  return rule.isAutomatic && (pattern !== null || !isSource);
}

/** Null if there are no builds. `platforms` are those of the images. */
export function gitRefsWorkflow(
  builds: readonly HubBuild[],
  platforms: ReadonlyMap<string, readonly string[]>,
): string | null {
  if (builds.length === 0) return null;
  const rules = builds.map((build) =>
    ruleOf(build, platforms.get(build.pattern === null ? imageOf(build) : build.source.image) ?? []),
  );
  const has = (type: string) => rules.some((rule) => rule.type === type);
  const document = new Document({
    name: "git-refs",
    "run-name": `${expression("github.ref_type")} ${expression("github.ref_name")}`,
    on: {
      push: { ...(has("branch") ? { branches: ["**"] } : {}), ...(has("tag") ? { tags: ["**"] } : {}) },
    },
    permissions: { contents: "read", "id-token": "write" },
    defaults: { run: { shell: "bash" } },
    jobs: { rules: rulesJob(rules), image },
  });
  document.commentBefore =
    " Docker Hub's build rules for pushes that start no run of Tagrelay. Written by tagrelay move.\n" +
    " Docker Hub reports the pushes as before, so that what is built from these images follows.";
  return document.toString({ lineWidth: 0 });
}

function rulesJob(rules: readonly object[]): object {
  return {
    "runs-on": "ubuntu-24.04",
    "timeout-minutes": 5,
    outputs: { builds: expression("steps.rules.outputs.builds") },
    steps: [
      {
        name: "Find the rules that match",
        id: "rules",
        env: {
          TYPE: expression("github.ref_type"),
          NAME: expression("github.ref_name"),
          // Nothing in it is an expression.
          RULES: `${JSON.stringify(rules, null, 2).replaceAll("${{", "\\u0024{{")}\n`,
        },
        run: matchScript,
      },
    ],
  };
}

const image = {
  needs: "rules",
  if: "needs.rules.outputs.builds != '[]'",
  strategy: {
    "fail-fast": false,
    matrix: { build: expression("fromJSON(needs.rules.outputs.builds)") },
  },
  uses: "./.github/workflows/image.yml",
  secrets: "inherit",
  with: Object.fromEntries(inputNames.map((name) => [name, expression(`matrix.build.${name}`)])),
};

function ruleOf(build: HubBuild, platforms: readonly string[]) {
  const { source, rule, pattern, paths } = build;
  const { source: _pushed, ...hub } = inputsOf(hubSettingsOf(build));
  const args = plainArgs(build).join("\n");
  return {
    type: rule.type.toLowerCase(),
    pattern: pattern ?? `^${rule.source.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`,
    tag: rule.tag,
    image: source.image,
    inputs: {
      context: paths.context,
      file: paths.dockerfile,
      ...(args === "" ? {} : { "build-args": args }),
      ...(platforms.length === 0 ? {} : { platforms: platforms.join(",") }),
      ...hub,
    },
  };
}
