// Writes what is left to do for a repository with Dockerfiles, as Markdown to tick off.
import { projectOf } from "../import/trigger/codebuild-trigger.ts";
import { quoteWord } from "../import/trigger/command-trigger.ts";
import { inputsOf } from "../import/trigger/github-trigger.ts";
import type { HubBuild } from "./hub-builds.ts";
import { kindNames, type MoveKind } from "./move-kinds.ts";
import type { PlannedBuild } from "./plan-move.ts";
import { code, type Moved } from "./remarks/remark.ts";
import { remarksOn } from "./remarks/remarks-on.ts";

export type Checklist = {
  /** `owner/name`, where the builds run. */
  repository: string;
  /** The files beside this one. */
  files: readonly string[];
  moved: readonly Moved[];
  /** Names of all build triggers in the saved settings; they do not say whose they are. */
  triggers: readonly string[];
  trialSuffix: string;
};

export function checklistText(checklist: Checklist): string {
  const { repository, moved, triggers } = checklist;
  const [kind = "github"] = moved.map((one) => one.kind);
  const todo = [
    ...(checklist.files.length === 0 && kind !== "codebuild" ? [] : once[kind](checklist)),
    ...triggersAtHub(triggers),
  ];
  const sections = moved.toSorted((one, other) => (one.source.image < other.source.image ? -1 : 1));
  return [
    `# ${repository}: from Docker Hub's builds to ${kindNames[kind]}`,
    "Written by `tagrelay move`. Docker Hub retires its builds on 2027-04-01. Delete this file when all is ticked off.",
    ...(todo.length === 0 ? [] : ["## Once", lines(todo)]),
    ...sections.map((one) => section(one, checklist)),
  ]
    .join("\n\n")
    .concat("\n");
}

function triggersAtHub(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return [
    `- [ ] Build triggers of Docker Hub (${names.map(code).join(", ")}): change whatever calls their URLs to call \`POST /api/pipelines/PIPELINE/runs\` of Tagrelay.`,
  ];
}

const lines = (texts: readonly string[]) => texts.join("\n");

function onceAtGithub({ files, repository }: Checklist): string[] {
  return [
    `- [ ] Push ${files.map(code).join(", ")} to the default branch: GitHub starts workflows from there.`,
    "- [ ] Under *Settings → Secrets and variables → Actions*, add the variable `DOCKERHUB_USERNAME` and the secret `DOCKERHUB_TOKEN`, an access token of Docker Hub that may read and write. An organisation with an OIDC connection at Docker Hub needs no token: add the variable `DOCKERHUB_OIDC_CONNECTIONID`, and set `DOCKERHUB_USERNAME` to the organisation's name.",
    `- [ ] Store a token that may start workflows of ${repository} as Tagrelay's secret \`GITHUB_TOKEN\` (*Actions: Read and write*).`,
    "- [ ] Add Tagrelay's webhook to the repository: `https://<your host>/hooks/github`, JSON, for *Workflow runs* and *Pushes*.",
  ];
}

function onceAtGitlab({ files, repository }: Checklist): string[] {
  return [
    `- [ ] Push ${files.map(code).join(", ")} to the default branch.`,
    "- [ ] Under *Settings → CI/CD → Variables*, add `REGISTRY_USERNAME` and `REGISTRY_PASSWORD`, masked: an access token of Docker Hub that may read and write.",
    `- [ ] Store a pipeline trigger token of ${repository} as Tagrelay's secret \`GITLAB_TRIGGER_TOKEN\`.`,
    "- [ ] Add Tagrelay's webhook to the project: `https://<your host>/hooks/gitlab`, for *Pipeline events*.",
  ];
}

function onceAtCodebuild({ repository }: Checklist): string[] {
  return [
    `- [ ] For a private repository, create a connection to ${repository} (*Developer Tools → Connections* in the console of AWS), and name it as \`connection\` in \`codebuild\` of \`tagrelay.yaml\`.`,
    "- [ ] Check the users in the `logins` there, and store an access token of Docker Hub that may read and write: `npx tagrelay secret set DOCKERHUB_TOKEN`.",
    `- [ ] Deploy: \`npx cdk deploy\` creates the project ${code(projectOf(repository))}.`,
    "- [ ] Add Tagrelay's webhook to the repository: `https://<your host>/hooks/github`, JSON, for *Pushes*.",
  ];
}

const once = { github: onceAtGithub, gitlab: onceAtGitlab, codebuild: onceAtCodebuild };

function section(moved: Moved, { trialSuffix, repository }: Checklist): string {
  const { source, builds, planned, kind } = moved;
  const remarks = remarksOn(moved);
  const rows = builds.map((build) => `| ${ruleCell(build)} | ${nowCell(build, planned, kind)} |`);
  const trials = kind === "github" ? planned.flatMap((one) => trial(one, repository, trialSuffix)) : [];
  return lines([
    `## ${source.image}`,
    "",
    "| rule on Docker Hub | now |",
    "|---|---|",
    ...rows,
    "",
    ...trials,
    ...(trials.length === 0
      ? []
      : [
          "- [ ] Compare the trials with the images that are in use: run your `tagrelay move` command again, with `--dry-run`.",
        ]),
    ...remarks.filter(({ isToDo }) => isToDo).map(({ text }) => `- [ ] ${text}`),
    `- [ ] Delete the build configuration of ${source.image} (*Builds → Configure automated builds*). Keep its webhook: it reports the pushes.`,
    "",
    ...remarks.filter(({ isToDo }) => !isToDo).map(({ text }) => `- ${text}`),
  ]).trimEnd();
}

const cell = (text: string) => code(text).replaceAll("|", "\\|");

function ruleCell({ rule, paths }: HubBuild): string {
  return `${rule.type.toLowerCase()} ${cell(rule.source)} → ${cell(rule.tag)}, ${cell(paths.dockerfile)} in ${cell(paths.context)}`;
}

function nowCell(build: HubBuild, planned: readonly PlannedBuild[], kind: MoveKind): string {
  if (build.pattern !== null && kind === "codebuild") return "not moved";
  if (build.pattern !== null) {
    return build.rule.isAutomatic
      ? "`git-refs.yml` builds what matches"
      : "by hand: *Actions → image → Run workflow*";
  }
  const own = planned.find((one) => one.build === build);
  if (own === undefined) return "part of the step with the same image";
  const more = build.tags.slice(1);
  const tags = more.length === 0 ? "" : `, also pushed as ${more.map(cell).join(", ")}`;
  // A build that stays where it is has no settings.
  const known = own.settings?.platforms ?? [];
  const platforms = known.length === 0 ? "" : ` for ${known.map(cell).join(", ")}`;
  return `step ${cell(own.step.name)} of ${cell(own.pipeline)}${platforms}${tags}`;
}

/** The command that pushes a trial tag, and nothing else: other tags, and those of hooks, stay as they are. */
function trial({ step, settings }: PlannedBuild, repository: string, suffix: string): string[] {
  if (settings === null) return [];
  const { context, file, args, contexts, platforms, hub } = settings;
  const inputs: [string, string][] = [
    ["image", `${step.image}${suffix}`],
    ["context", context],
    ["file", file],
    ["build-args", args.join("\n")],
    ["build-contexts", contexts.join("\n")],
    ["platforms", platforms.join(",")],
    ...(hub === undefined
      ? []
      : Object.entries(
          inputsOf({ ...hub, tags: [], hooks: hub.hooks.filter((name) => name !== "post_push") }),
        )),
  ];
  const flags = inputs.flatMap(([name, value]) =>
    value === "" ? [] : [`-f ${quoteWord(`${name}=${value}`)}`],
  );
  const command = ["gh workflow run image.yml", `--repo ${repository}`, ...flags].join(" \\\n    ");
  return [
    `- [ ] Build ${code(`${step.image}${suffix}`)}, a trial tag that nothing uses:`,
    "",
    "  ```sh",
    `  ${command}`,
    "  ```",
    "",
  ];
}
