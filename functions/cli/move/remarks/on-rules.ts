// What became of the rules, and of pushes to their branches and tags.
import { isByRef } from "../git-refs-workflow.ts";
import { kindNames } from "../move-kinds.ts";
import { code, info, list, type Moved, oneLine, type Remark, some, toDo } from "./remark.ts";

export function onRules({ source, builds, planned, unread }: Moved): Remark[] {
  const merged = builds.filter(
    (build) => build.pattern === null && !planned.some((one) => one.build === build),
  );
  const isUnseen = builds.length > 0 && builds.every(({ checkout }) => checkout === null);
  return [
    ...some(
      toDo(
        `No checkout was given, so that its Dockerfiles, hooks and tests were not read: run the command again with \`--source ${source.repository}=FOLDER\`.`,
      ),
      isUnseen,
    ),
    ...unread.map(({ rule, problem }) =>
      toDo(`The rule ${code(rule.source)} → ${code(rule.tag)} was not moved: ${oneLine(problem)}.`),
    ),
    ...some(
      toDo(
        `Several rules build the same tag (${list(merged.map(({ rule }) => rule.tag))}): its step builds the first of them.`,
      ),
      merged.length > 0,
    ),
    ...planned.flatMap(({ step, problem }) =>
      problem === null ? [] : toDo(`${code(step.image)} was not moved: ${problem}.`),
    ),
    ...some(
      toDo(
        `${source.missing} of its rules are not in the files: open each rule, or reload the page while the network is recorded.`,
      ),
      source.missing > 0,
    ),
    ...some(
      info("Build caching was on. Runners start without a cache, so that every build is a whole one."),
      builds.some(({ rule }) => !rule.isUncached),
    ),
  ];
}

export function onPushes({ builds, planned, hasPipelineSource, kind }: Moved): Remark[] {
  const idle = builds.filter(({ rule }) => !rule.isAutomatic).map(({ rule }) => rule.source);
  const patterns = builds.flatMap(({ pattern }) => pattern ?? []);
  const loose = patterns.filter((pattern) => !/^\^.*\$$/.test(pattern));
  const byRef = planned.filter((one) => isByRef(one.build, one.isSource) && one.settings !== null);
  const refs = byRef.map(({ build }) => build.rule.source);
  const pushed = hasPipelineSource
    ? "A push to a branch that starts its pipeline builds it, too."
    : "Runs build it; a push to the branch starts none.";
  if (kind !== "github") {
    return [
      ...some(
        toDo(`Pushes to ${list(refs)} start no run: add a job for them, or a schedule.`),
        refs.length > 0,
      ),
      ...some(
        toDo(`Rules with regular expressions are not moved to ${kindNames[kind]}: write jobs for them.`),
        patterns.length > 0,
      ),
    ];
  }
  return [
    ...some(info(`Autobuild is off for ${list(idle)}. ${pushed}`), idle.length > 0),
    ...some(
      info(
        `\`git-refs.yml\` builds pushes of ${list(refs)}, which are no source of its pipeline. Tagrelay builds what comes after, as for every push.`,
      ),
      refs.length > 0,
    ),
    ...some(
      info(
        `${list(loose)} matches parts of names. How Docker Hub treats those is not documented; the workflow builds them.`,
      ),
      loose.length > 0,
    ),
  ];
}
