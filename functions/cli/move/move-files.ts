// The files that a move writes: the configuration, and for each repository its workflows and its checklist.
import { githubWorkflow } from "../import/trigger/github-workflow.ts";
import { gitlabPipeline } from "../import/trigger/gitlab-trigger.ts";
import { autotestWorkflow } from "./autotest-workflow.ts";
import { variablesOf } from "./build-variables.ts";
import { checklistText } from "./checklist.ts";
import { gitRefsWorkflow, isByRef } from "./git-refs-workflow.ts";
import { hostedAt } from "./hosted-at.ts";
import type { HubBuild, HubBuilds } from "./hub-builds.ts";
import type { SavedSettings } from "./hub-source.ts";
import type { MoveKind } from "./move-kinds.ts";
import type { Plan } from "./plan-move.ts";
import type { Moved, Remark } from "./remarks/remark.ts";
import { remarksOn } from "./remarks/remarks-on.ts";

export type MovedRepository = {
  /** `owner/name`, where the builds run. */
  name: string;
  /** Its checkout, if there is one. */
  folder: string | null;
  /** How --source names that. */
  shown: string | null;
  /** Texts by their paths in the repository. */
  files: ReadonlyMap<string, string>;
  /** What is left to decide, by the image. */
  open: readonly string[];
};

export type MoveInput = {
  settings: SavedSettings;
  found: HubBuilds;
  plan: Plan;
  kind: MoveKind;
  platforms: ReadonlyMap<string, readonly string[]>;
  unknownPlatforms: Moved["unknownPlatforms"];
  trialSuffix: string;
};

export const checklistFile = "MOVING.md";

export function repositoriesOf(input: MoveInput): MovedRepository[] {
  const { settings, kind, found } = input;
  const moved = settings.sources.map((source) => movedOf(source, input));
  const place = ({ source, builds }: Moved) =>
    hostedAt({ source, checkout: builds[0]?.checkout ?? null }, kind) ?? source.repository;
  return [...Map.groupBy(moved, place)].map(([name, own]) => {
    const builds = own.flatMap((one) => one.builds);
    const files = workflowsFor(own, builds, input);
    const { triggers } = settings;
    const list = {
      repository: name,
      files: [...files.keys()],
      moved: own,
      triggers,
      trialSuffix: input.trialSuffix,
    };
    files.set(checklistFile, checklistText(list));
    const checkout = found.builds.find((build) => builds.includes(build))?.checkout ?? null;
    // Those are summed up, as they are often many.
    const apart = new Set<Remark>(input.unknownPlatforms.values());
    const open = own.flatMap((one) =>
      remarksOn(one).flatMap((remark) =>
        remark.isToDo && !apart.has(remark)
          ? [`${one.source.image}: ${remark.text.replaceAll("`", "")}`]
          : [],
      ),
    );
    return { name, folder: checkout?.folder ?? null, shown: checkout?.shown ?? null, files, open };
  });
}

function movedOf(source: SavedSettings["sources"][number], input: MoveInput): Moved {
  const { found, plan, kind, unknownPlatforms } = input;
  const planned = plan.planned.filter(({ build }) => build.source === source);
  const names = new Set(planned.map(({ pipeline }) => pipeline));
  return {
    source,
    builds: found.builds.filter((build) => build.source === source),
    planned,
    unread: found.unread.filter((unread) => unread.source === source),
    hasPipelineSource: plan.imported.pipelines.some((one) => names.has(one.name) && one.source !== undefined),
    kind,
    unknownPlatforms,
  };
}

/** None for a repository whose images all stay where they are. */
function workflowsFor(
  moved: readonly Moved[],
  builds: readonly HubBuild[],
  input: MoveInput,
): Map<string, string> {
  const images = moved.flatMap(({ planned }) =>
    planned.flatMap(({ settings, step }) => (settings === null ? [] : step.image)),
  );
  const patterns = builds.filter((build) => build.pattern !== null && hostedAt(build, input.kind) !== null);
  // The stack has the buildspec.
  if (input.kind === "codebuild") return new Map();
  if (images.length === 0 && patterns.length === 0) return new Map();
  const all = images.length > 0 ? images : patterns.map(({ source }) => `${source.image}:latest`);
  if (input.kind === "gitlab") return new Map([[".gitlab-ci.yml", gitlabPipeline(all, "move")]]);
  const isSource = new Set(
    moved.flatMap(({ planned }) => planned.flatMap((one) => (one.isSource ? one.build : []))),
  );
  const byRef = builds.filter(
    (build) => hostedAt(build, input.kind) !== null && isByRef(build, isSource.has(build)),
  );
  const refs = gitRefsWorkflow(byRef, input.platforms);
  const found = builds.map((build) => ({ build, ...variablesOf(build) }));
  const secrets = new Set(found.flatMap((one) => one.secrets));
  const secretArgs = new Set(found.flatMap((one) => one.args.filter((name) => one.secrets.includes(name))));
  const use = { secrets: [...secrets], secretArgs: [...secretArgs], isCalled: refs !== null };
  const tests = autotestWorkflow(builds);
  return new Map([
    [".github/workflows/image.yml", githubWorkflow(all, "move", use)],
    ...(refs === null ? [] : [[".github/workflows/git-refs.yml", refs] as const]),
    ...(tests === null ? [] : [[".github/workflows/autotest.yml", tests] as const]),
  ]);
}
