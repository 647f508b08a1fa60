// Says of each Docker Hub repository what became of its settings: what runs in the workflow, what changed, what is left to do.

import { isSecret, variablesOf } from "./build-variables.ts";
import { isByRef } from "./git-refs-workflow.ts";
import type { HubBuild, Unread } from "./hub-builds.ts";
import type { HubSource } from "./hub-source.ts";
import type { MoveKind } from "./move-kinds.ts";
import type { PlannedBuild } from "./plan-move.ts";

/** What is open has to be decided or done by a person. */
export type Remark = { text: string; isOpen: boolean };

export type Moved = {
  source: HubSource;
  builds: readonly HubBuild[];
  planned: readonly PlannedBuild[];
  unread: readonly Unread[];
  /** The branches whose pushes start runs of its pipelines. */
  hasPipelineSource: boolean;
  kind: MoveKind;
  /** Why the platforms of an image were not found, by the image. */
  unknownPlatforms: ReadonlyMap<string, Remark>;
};

export function remarksOn(moved: Moved): Remark[] {
  return [
    ...onRules(moved),
    ...onPushes(moved),
    ...onHooks(moved),
    ...onTests(moved),
    ...onVariables(moved),
    ...onLinks(moved),
    ...onPlatforms(moved),
  ];
}

const told = (text: string): Remark => ({ text, isOpen: false });
const open = (text: string): Remark => ({ text, isOpen: true });
/** In Markdown. What it contains comes from outside. */
export const code = (text: string) => `\`${text.replace(/[`\r\n]+/g, " ")}\``;
const oneLine = (text: string) => text.replace(/[\r\n]+/g, " ");
const list = (texts: readonly string[]) => texts.map(code).join(", ");
const some = (remark: Remark, condition: boolean): Remark[] => (condition ? [remark] : []);

function onRules({ source, builds, planned, unread }: Moved): Remark[] {
  const isUnseen = builds.length > 0 && builds.every(({ checkout }) => checkout === null);
  return [
    ...some(
      open(
        `No checkout was given, so that its Dockerfiles, hooks and tests were not read: run the command again with \`--source ${source.repository}=FOLDER\`.`,
      ),
      isUnseen,
    ),
    ...unread.map(({ rule, problem }) =>
      open(`The rule ${code(rule.source)} → ${code(rule.tag)} was not moved: ${oneLine(problem)}.`),
    ),
    ...planned.flatMap(({ step, problem }) =>
      problem === null ? [] : open(`${code(step.image)} was not moved: ${problem}.`),
    ),
    ...some(
      open(
        `${source.missing} of its rules are not in the files: open each rule, or reload the page while the network is recorded.`,
      ),
      source.missing > 0,
    ),
    ...some(
      told("Build caching was on. Runners start without a cache, so that every build is a whole one."),
      builds.some(({ rule }) => !rule.isUncached),
    ),
  ];
}

function onPushes({ builds, planned, hasPipelineSource, kind }: Moved): Remark[] {
  const idle = builds.filter(({ rule }) => !rule.isAutomatic).map(({ rule }) => rule.source);
  const patterns = builds.flatMap(({ pattern }) => pattern ?? []);
  const loose = patterns.filter((pattern) => !/^\^.*\$$/.test(pattern));
  const byRef = planned.filter((one) => isByRef(one.build, one.isSource) && one.settings !== null);
  const refs = byRef.map(({ build }) => build.rule.source);
  const pushed = hasPipelineSource
    ? "A push to a branch that starts its pipeline builds it, too."
    : "Runs build it; a push to the branch starts none.";
  if (kind === "gitlab") {
    return [
      ...some(
        open(`Pushes to ${list(refs)} start no run: add a job for them, or a schedule.`),
        refs.length > 0,
      ),
      ...some(
        open("Rules with regular expressions are not moved to GitLab: write jobs for them."),
        patterns.length > 0,
      ),
    ];
  }
  return [
    ...some(told(`Autobuild is off for ${list(idle)}. ${pushed}`), idle.length > 0),
    ...some(
      told(
        `\`git-refs.yml\` builds pushes of ${list(refs)}, which are no source of its pipeline. Tagrelay builds what comes after, as for every push.`,
      ),
      refs.length > 0,
    ),
    ...some(
      told(
        `${list(loose)} matches parts of names. How Docker Hub treats those is not documented; the workflow builds them.`,
      ),
      loose.length > 0,
    ),
  ];
}

function onHooks({ builds, planned, kind }: Moved): Remark[] {
  const names = [...new Set(builds.flatMap(({ hooks }) => hooks))];
  const moved = names.filter((name) => name !== "push");
  const isMany = planned.some(({ settings }) => (settings?.platforms.length ?? 0) > 1);
  const isBelow = builds.some(
    ({ rule, hooks }) => hooks.length > 0 && rule.dockerfile.replace(/^\//, "").includes("/"),
  );
  if (kind === "gitlab") {
    return some(
      open(`Hooks are not moved to GitLab (${list(names)}): add them to its job.`),
      names.length > 0,
    );
  }
  return [
    ...some(
      told(
        `Hooks run in the workflow, on the runner of each platform, with Docker Hub's variables: ${list(moved)}.`,
      ),
      moved.length > 0,
    ),
    ...some(
      told(
        "`hooks/build` makes the image. It has no provenance, finds the bases of its run under their usual names, and is also pushed under a tag of its platform, such as `latest-linux-amd64`.",
      ),
      names.includes("build"),
    ),
    ...some(
      open(
        "`hooks/push` does not run, as the workflow pushes. Add its other tags to the input `tags`, and move the rest to `hooks/post_push`.",
      ),
      names.includes("push"),
    ),
    ...some(
      open(
        "`hooks/post_push` pushes what one runner has, which is one platform. Add the tags that it pushes to the input `tags`.",
      ),
      names.includes("post_push") && isMany,
    ),
    ...some(
      told("`DOCKERFILE_PATH` is the name of the Dockerfile in its folder, where the hooks run."),
      isBelow,
    ),
  ];
}

function onTests({ source, builds, kind }: Moved): Remark[] {
  const tests = [...new Set(builds.flatMap((build) => build.tests))];
  const from = source.autotests === "SOURCE_AND_FORKS" ? "pull requests, also from forks" : "pull requests";
  const isMoved = kind === "github";
  return [
    ...some(
      isMoved
        ? told(`Tests run before a tag is pushed: ${list(tests)}. What they build themselves has no pins.`)
        : open(`Tests are not moved to GitLab (${list(tests)}): add them to its job.`),
      tests.length > 0,
    ),
    ...some(
      isMoved
        ? told(`\`autotest.yml\` builds and tests ${from}, as Docker Hub's autotests did.`)
        : open(`Autotest tested ${from}: add a job for merge requests.`),
      /^SOURCE/i.test(source.autotests),
    ),
  ];
}

function onVariables({ source, builds, kind }: Moved): Remark[] {
  const found = builds.map(variablesOf);
  const of = (key: "plain" | "secrets" | "args") => [...new Set(found.flatMap((one) => one[key]))];
  const plain = of("plain").map((text) => text.split("=")[0] ?? "");
  const [args, secrets] = [of("args"), of("secrets")];
  const used = new Set([...plain, ...args, ...secrets]);
  const unused = source.variables.map(({ name }) => name).filter((name) => !used.has(name));
  const secretArgs = args.filter((name) =>
    source.variables.some((one) => one.name === name && isSecret(one)),
  );
  return [
    ...some(told(`Build variables in the environment of hooks and tests: ${list(plain)}.`), plain.length > 0),
    ...some(
      told(
        `Build variables that the Dockerfile has as \`ARG\` became build arguments: ${list(args)}. Docker Hub gave them to hooks alone.`,
      ),
      args.length > 0,
    ),
    ...some(
      kind === "github"
        ? open(
            `Add as secrets to the repository at GitHub: ${list(secrets)}. Their values were not written anywhere; Docker Hub's page shows them.`,
          )
        : open(
            `Secret build variables are not moved to GitLab (${list(secrets)}): add them as masked variables, and to its job.`,
          ),
      secrets.length > 0,
    ),
    ...some(
      open(
        `The Dockerfile has secrets as arguments (${list(secretArgs)}), which stay in the history of the image. Use \`RUN --mount=type=secret\` instead.`,
      ),
      secretArgs.length > 0,
    ),
    ...some(
      told(`Build variables that nothing was found to use were left out: ${list(unused)}.`),
      unused.length > 0,
    ),
    ...some(
      open(
        "`SSH_PRIVATE` was the key for private submodules: give `actions/checkout` the inputs `submodules` and `ssh-key`.",
      ),
      source.variables.some(({ name }) => name === "SSH_PRIVATE"),
    ),
  ];
}

function onLinks({ source, planned }: Moved): Remark[] {
  const after = [...new Set(planned.flatMap(({ step }) => step.after))];
  const upstreams = [...new Set(planned.flatMap(({ step }) => step.upstreams))];
  return [
    ...some(told(`It is built after ${list(after)}, in every run.`), after.length > 0),
    ...some(
      told(`Repository links are on: a new ${list(upstreams)} starts a run (\`upstream\`).`),
      upstreams.length > 0,
    ),
    ...some(
      told(
        "Repository links are off: a new base from elsewhere starts no run. Add it as `upstream` to change that.",
      ),
      !source.hasRepositoryLinks,
    ),
  ];
}

const native = /^linux\/(?:amd64(?:\/v[1-4])?|386|arm64(?:\/v8)?)$/;

function onPlatforms({ planned, kind, unknownPlatforms }: Moved): Remark[] {
  const all = [...new Set(planned.flatMap(({ settings }) => settings?.platforms ?? []))];
  const emulated = all.filter((platform) =>
    kind === "github" ? !native.test(platform) : platform !== "linux/amd64",
  );
  const unknown = planned.flatMap(({ step }) => unknownPlatforms.get(step.image) ?? []);
  return [
    ...unknown,
    ...some(
      told(`Emulated, which is slow, as there is no runner of that kind: ${list(emulated)}.`),
      emulated.length > 0,
    ),
  ];
}
