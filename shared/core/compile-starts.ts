// What starts a pipeline's runs beside its schedule: pushes to its source, and new digests of what it is built from.
import type { PipelineDocument } from "./config.ts";
import type { Draft, Report } from "./draft-steps.ts";
import { parseDuration } from "./duration.ts";
import { imageName, parseImage } from "./image.ts";
import type { Source, Step } from "./pipeline.ts";

/** Docker Hub does not count these requests as pulls, but it counts them. */
const upstreamEveryAtLeastMs = 60_000;

export function compileSource(
  { source }: PipelineDocument,
  drafts: readonly Draft[],
  report: Report,
): Source | null {
  if (source !== undefined) {
    return {
      repository: source.github,
      branches: [source.branch ?? "main"].flat(),
      paths: [source.paths ?? []].flat(),
    };
  }
  for (const { path, own } of drafts) {
    if (own.paths !== undefined)
      report([...path, "paths"], 'expected a "source" in the pipeline, found none');
  }
  return null;
}

export function compileUpstreamEvery(
  { upstream, upstreamEvery }: PipelineDocument,
  drafts: readonly Draft[],
  report: Report,
): number {
  const everyMs = parseDuration(upstreamEvery ?? "6h");
  if (upstreamEvery === undefined) return everyMs;
  if (everyMs < upstreamEveryAtLeastMs) {
    report(["upstreamEvery"], `expected at least 1m, found ${JSON.stringify(upstreamEvery)}`);
  }
  if (upstream === undefined && drafts.every(({ own }) => own.upstream === undefined)) {
    report(["upstreamEvery"], 'expected an "upstream" in the pipeline or a step, found none');
  }
  return everyMs;
}

/** A step that is built from another one comes after it, and is told of its pushes. */
export function reportOwnUpstreams(drafts: readonly Draft[], steps: readonly Step[], report: Report): void {
  for (const { name, upstreams } of steps) {
    for (const { name: other, image } of drafts) {
      if (!upstreams.includes(imageName(image))) continue;
      const found = `${imageName(image)}, which is step ${JSON.stringify(other)}`;
      report(
        [],
        `expected images from elsewhere as upstream of step ${JSON.stringify(name)}, found ${found}; use "after"`,
      );
    }
  }
}

/** The names of the images, whole: `library/debian:bookworm`. */
export function readUpstreams(
  found: string | string[] | undefined,
  path: readonly PropertyKey[],
  report: Report,
): string[] {
  return [found ?? []].flat().flatMap((text) => {
    // Here a name alone is a repository, as in FROM, not a tag.
    const parsed = parseImage(/[:/]/.test(text) ? text : `${text}:latest`, null);
    if (parsed.kind === "image") return imageName(parsed.image);
    report(path, parsed.problem);
    return [];
  });
}
