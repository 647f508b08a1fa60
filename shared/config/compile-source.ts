// Compiles `source`: the repository whose pushes start runs.
import { sourceHosts } from "../kinds/source.ts";
import type { Source } from "../pipeline/pipeline.ts";
import type { StepDraft } from "./draft-steps.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import type { Report } from "./report.ts";

export function compileSource(
  { source }: PipelineDocument,
  drafts: readonly StepDraft[],
  report: Report,
): Source | null {
  if (source !== undefined) {
    const [named] = sourceHosts.flatMap((host) => {
      const repository = source[host];
      return repository === undefined ? [] : { host, repository };
    });
    if (named === undefined) return null;
    return {
      ...named,
      branches: [source.branch ?? (source.tags === undefined ? "main" : [])].flat(),
      tags: [source.tags ?? []].flat(),
      paths: [source.paths ?? []].flat(),
    };
  }
  for (const { path, settings } of drafts) {
    if (settings.paths === undefined) continue;
    report([...path, "paths"], 'expected a "source" in the pipeline, found none', [["source"]]);
  }
  return null;
}
