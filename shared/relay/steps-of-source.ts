// Which steps of a pipeline are affected by a push to its source.
import type { SourceHost } from "../kinds/source.ts";
import type { Pipeline, Source, Step } from "../pipeline/pipeline.ts";
import { matchBranches, matchPaths } from "../sources/github/match-paths.ts";
import type { BranchPush } from "../sources/source-push.ts";

export type StepsOfSource =
  /** Null for the whole pipeline. */
  { kind: "steps"; from: string[] | null } | { kind: "none"; reason: string };

export function stepsOfSource(
  { steps }: { steps: readonly Pick<Step, "name" | "paths">[] },
  source: Pick<Source, "branches" | "paths">,
  { branch, files }: Pick<BranchPush, "branch" | "files">,
): StepsOfSource {
  if (!matchBranches(source.branches)(branch)) {
    return { kind: "none", reason: "pushes to this branch start nothing" };
  }
  const isSource = source.paths.length === 0 ? () => true : matchPaths(source.paths);
  const changed = files?.filter(isSource) ?? null;
  if (changed?.length === 0) return { kind: "none", reason: "no changed file belongs to the source" };
  const withPaths = steps.filter(({ paths }) => paths.length > 0);
  if (withPaths.length === 0) return { kind: "steps", from: null };
  const affected = withPaths.filter(({ paths }) => changed === null || changed.some(matchPaths(paths)));
  if (affected.length === 0) return { kind: "none", reason: "no changed file belongs to a step" };
  return { kind: "steps", from: affected.map(({ name }) => name) };
}

export type PipelineOfSource = { pipeline: Pipeline; source: Source };

/** In lower case: none of these hosts distinguishes case. */
export function sourceKey(host: SourceHost, repository: string): string {
  return `${host} ${repository.toLowerCase()}`;
}

/** By the keys of `sourceKey`. */
export function sourcesOf(pipelines: readonly Pipeline[]): Map<string, PipelineOfSource[]> {
  const found = pipelines.flatMap((pipeline) =>
    pipeline.source === null ? [] : { pipeline, source: pipeline.source },
  );
  return Map.groupBy(found, ({ source }) => sourceKey(source.host, source.repository));
}
