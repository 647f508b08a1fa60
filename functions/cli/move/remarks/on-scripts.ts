// What became of hooks and tests.
import { isTested } from "../autotest-workflow.ts";
import { kindNames } from "../move-kinds.ts";
import { info, list, type Moved, type Remark, some, toDo } from "./remark.ts";

/** Where a person adds what is not moved. */
const places = { github: "the workflow", gitlab: "its job", codebuild: "a `buildspec` of your own" };

export function onHooks({ builds, planned, kind }: Moved): Remark[] {
  const names = [...new Set(builds.flatMap(({ hooks }) => hooks))];
  const moved = names.filter((name) => name !== "push");
  const isMany = planned.some(({ settings }) => (settings?.platforms.length ?? 0) > 1);
  const isBelow = builds.some(
    ({ rule, hooks }) => hooks.length > 0 && rule.dockerfile.replace(/^\//, "").includes("/"),
  );
  if (kind !== "github") {
    return some(
      toDo(`Hooks are not moved to ${kindNames[kind]} (${list(names)}): add them to ${places[kind]}.`),
      names.length > 0,
    );
  }
  return [
    ...some(
      info(
        `Hooks run in the workflow, on the runner of each platform, with Docker Hub's variables: ${list(moved)}.`,
      ),
      moved.length > 0,
    ),
    ...some(
      info(
        "`hooks/build` makes the image. It has no provenance, finds the bases of its run under their usual names, and is also pushed under a tag of its platform, such as `latest-linux-amd64`.",
      ),
      names.includes("build"),
    ),
    ...onPushHooks(names, isMany),
    ...some(
      info("`DOCKERFILE_PATH` is the name of the Dockerfile in its folder, where the hooks run."),
      isBelow,
    ),
  ];
}

function onPushHooks(names: readonly string[], isMany: boolean): Remark[] {
  return [
    ...some(
      toDo(
        "`hooks/push` does not run, as the workflow pushes. Add its other tags to the input `tags`, and move the rest to `hooks/post_push`.",
      ),
      names.includes("push"),
    ),
    ...some(
      toDo(
        "`hooks/post_push` pushes what one runner has, which is one platform. Add the tags that it pushes to the input `tags`.",
      ),
      names.includes("post_push") && isMany,
    ),
  ];
}

export function onTests({ source, builds, kind }: Moved): Remark[] {
  const tests = [...new Set(builds.flatMap((build) => build.tests))];
  const from = source.autotests === "SOURCE_AND_FORKS" ? "pull requests, also from forks" : "pull requests";
  const isMoved = kind === "github";
  return [
    ...some(
      isMoved
        ? info(`Tests run before a tag is pushed: ${list(tests)}. What they build themselves has no pins.`)
        : toDo(`Tests are not moved to ${kindNames[kind]} (${list(tests)}): add them to ${places[kind]}.`),
      tests.length > 0,
    ),
    ...some(
      isMoved && builds.some(isTested)
        ? info(`\`autotest.yml\` builds and tests ${from}, as Docker Hub's autotests did.`)
        : toDo(`Autotest tested ${from}: add a job for them.`),
      /^SOURCE/i.test(source.autotests),
    ),
  ];
}
