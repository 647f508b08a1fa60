// Compiles `upstream` and `upstreamEvery`: images from elsewhere that steps are built from.
import { imageName, parseImage } from "../image/image.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { Step } from "../pipeline/pipeline.ts";
import type { StepDraft } from "./draft-steps.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import type { Report } from "./report.ts";

/** Docker Hub does not count these requests as pulls, but it limits their rate. */
const minUpstreamEveryMs = 60_000;

/** Full names, such as `library/debian:bookworm`. */
export function compileUpstreams(
  upstream: string | string[] | undefined,
  path: readonly PropertyKey[],
  report: Report,
): string[] {
  return [upstream ?? []].flat().flatMap((text) => {
    // A name without a tag is a repository, as in FROM.
    const parsed = parseImage(/[:/]/.test(text) ? text : `${text}:latest`, null);
    if (parsed.kind === "image") return imageName(parsed.image);
    report(path, parsed.problem);
    return [];
  });
}

export function compileUpstreamEvery(
  { upstream, upstreamEvery }: PipelineDocument,
  drafts: readonly StepDraft[],
  defaultMs: number,
  report: Report,
): number {
  if (upstreamEvery === undefined) return defaultMs;
  const everyMs = parseDuration(upstreamEvery);
  if (everyMs < minUpstreamEveryMs) {
    report(["upstreamEvery"], `expected at least 1m, found ${JSON.stringify(upstreamEvery)}`);
  }
  if (upstream === undefined && drafts.every(({ settings }) => settings.upstream === undefined)) {
    report(["upstreamEvery"], 'expected an "upstream" in the pipeline or a step, found none', [
      ["upstream"],
      ...drafts.map(({ path }) => [...path, "upstream"]),
    ]);
  }
  return everyMs;
}

/** A step that is built from another step comes after it; the push of that step starts it. */
export function reportUpstreamsThatAreSteps(
  drafts: readonly StepDraft[],
  steps: readonly Step[],
  report: Report,
): void {
  for (const { name, upstreams } of steps) {
    for (const { name: other, image } of drafts) {
      if (image === null || !upstreams.includes(imageName(image))) continue;
      report(
        [],
        `expected an image from outside the pipeline as upstream of step ${JSON.stringify(name)}, found ${imageName(image)}, which is step ${JSON.stringify(other)}; use "after"`,
      );
    }
  }
}
