// Makes pipelines of what the rules build, each step with the trigger that builds it elsewhere.
import { posix } from "node:path";
import { buildsOf, type ContextBuild } from "../import/context-builds.ts";
import {
  type Imported,
  type ImportedPipeline,
  type ImportedStep,
  type Note,
  note,
} from "../import/imported.ts";
import { pipelinesOf } from "../import/pipelines-of.ts";
import { type BuildSettings, buildSettings } from "../import/trigger/build-settings.ts";
import {
  codebuildNotes,
  codebuildProjects,
  codebuildTrigger,
  projectOf,
} from "../import/trigger/codebuild-trigger.ts";
import { githubTrigger } from "../import/trigger/github-trigger.ts";
import { gitlabTrigger } from "../import/trigger/gitlab-trigger.ts";
import { hubSettingsOf, plainArgs } from "./build-variables.ts";
import { hostedAt, workflowBranch } from "./hosted-at.ts";
import { type HubBuild, type HubBuilds, imageOf } from "./hub-builds.ts";
import type { MoveKind } from "./move-kinds.ts";

export type PlannedBuild = {
  build: HubBuild;
  pipeline: string;
  step: ImportedStep;
  /** The inputs of its build; null if it has to stay where it is, for the reason in `problem`. */
  settings: BuildSettings | null;
  problem: string | null;
  /** A push to its branch starts a run of its pipeline, whose source it is. */
  isSource: boolean;
};
export type Plan = { imported: Imported; planned: PlannedBuild[] };

/** `platforms` are those of the images by their names. */
export function planMove(
  { builds, files }: HubBuilds,
  platforms: ReadonlyMap<string, readonly string[]>,
  kind: MoveKind,
): Plan {
  const byLabel = new Map<string, HubBuild>();
  for (const build of builds) {
    if (build.pattern !== null) continue;
    const image = imageOf(build);
    byLabel.set(byLabel.has(image) ? `${image} (rule ${byLabel.size + 1})` : image, build);
  }
  const notes: Note[] = [];
  const described = [...byLabel].map(([label, build]) => describe(label, build, platforms));
  const owners = new Set([...byLabel.values()].map(({ source }) => source.image.split("/")[0] ?? ""));
  const name = owners.size === 1 ? ([...owners][0] ?? "images") : "images";
  const linked = pipelinesOf(buildsOf(described, files, notes), name, notes);
  const images = new Map(
    linked.pipelines.flatMap(({ steps }) =>
      steps.map((step) => [step.label ?? step.name, step.image] as const),
    ),
  );
  const planned: PlannedBuild[] = [];
  const pipelines = linked.pipelines.map((pipeline): ImportedPipeline => {
    const builds = pipeline.steps.flatMap(({ label }) => byLabel.get(label ?? "") ?? []);
    const source = sourceOf(builds, kind);
    const steps = pipeline.steps.map((found) => {
      const build = byLabel.get(found.label ?? "");
      if (build === undefined) return found;
      const own = planStep(found, build, images, kind);
      planned.push({ build, pipeline: pipeline.name, ...own, isSource: isSource(build, source) });
      return own.step;
    });
    return { ...pipeline, ...(source === null ? {} : { source }), steps };
  });
  return { imported: withBuilds({ ...linked, pipelines }, builds, kind), planned };
}

function withBuilds(imported: Imported, all: readonly HubBuild[], kind: MoveKind): Imported {
  if (kind !== "codebuild") return imported;
  const places = all.flatMap((build) => hostedAt(build, kind) ?? []);
  const builds = codebuildProjects(imported, new Map(places.map((place) => [projectOf(place), place])));
  if (Object.keys(builds.codebuild).length === 0) return imported;
  const notes = codebuildNotes(builds).map((text) => note(text));
  return { ...imported, builds, notes: [...imported.notes, ...notes] };
}

function describe(
  label: string,
  build: HubBuild,
  platforms: ReadonlyMap<string, readonly string[]>,
): ContextBuild {
  const { source, tags, prefix, paths } = build;
  const args = plainArgs(build).map((text): [string, string] => {
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return {
    label,
    images: tags.map((tag) => `${source.image}:${tag}`),
    context: posix.join(prefix, paths.context),
    path: posix.join(prefix, paths.dockerfile),
    inline: null,
    target: null,
    contexts: new Map<string, string>(),
    args: new Map(args),
    platforms: platforms.get(imageOf(build)) ?? [],
  };
}

type PlannedStep = Pick<PlannedBuild, "step" | "settings" | "problem">;

function planStep(
  found: ImportedStep,
  build: HubBuild,
  images: ReadonlyMap<string, string>,
  kind: MoveKind,
): PlannedStep {
  // Without repository links, a new base from elsewhere starts nothing today.
  const step = build.source.hasRepositoryLinks ? found : { ...found, upstreams: [] };
  const place = hostedAt(build, kind);
  const readable = buildSettings(step, images);
  if (place === null) {
    const problem = `its source is at ${build.source.provider}, where Tagrelay starts no builds: move or mirror it to GitHub or GitLab, and name a checkout of that with --source`;
    return { step, settings: null, problem };
  }
  if (readable.kind === "problem") return { step, settings: null, problem: readable.problem };
  const within = (path: string) => posix.relative(build.prefix, path) || ".";
  const { settings } = readable;
  const own = {
    ...settings,
    context: within(settings.context),
    file: within(settings.file),
    hub: hubSettingsOf(build),
  };
  if (kind === "codebuild") {
    const made = codebuildTrigger(own, place);
    return made.kind === "trigger"
      ? { step: { ...step, trigger: made.trigger }, settings: own, problem: null }
      : { step, settings: null, problem: made.problem };
  }
  const trigger =
    kind === "github"
      ? githubTrigger(own, place, "image.yml", workflowBranch(build))
      : gitlabTrigger(own, place, workflowBranch(build));
  return { step: { ...step, trigger }, settings: own, problem: null };
}

type PipelineSource = NonNullable<ImportedPipeline["source"]>;

/** Pushes to the branches that Docker Hub builds by itself, of the repository that has most of them. */
function sourceOf(builds: readonly HubBuild[], kind: MoveKind): PipelineSource | null {
  const automatic = builds.filter(({ rule }) => rule.isAutomatic && rule.type === "Branch");
  const byPlace = Map.groupBy(automatic, (build) => hostedAt(build, kind));
  byPlace.delete(null);
  const [most] = [...byPlace].toSorted(([, one], [, other]) => other.length - one.length);
  if (kind === "gitlab" || most === undefined) return null;
  const [github, own] = most;
  const branches = [...new Set(own.map(({ rule }) => rule.source))];
  const [only] = branches;
  if (github === null || only === undefined) return null;
  const branch = branches.length === 1 ? only : branches;
  return branch === "main" ? { github } : { github, branch };
}

function isSource(build: HubBuild, source: PipelineSource | null): boolean {
  const { rule } = build;
  const isBranch = rule.type === "Branch" && [source?.branch ?? "main"].flat().includes(rule.source);
  return isBranch && source !== null && hostedAt(build, "github") === source.github;
}
