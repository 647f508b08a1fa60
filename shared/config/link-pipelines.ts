// Links pipelines to those that come after them, and reports unknown names and cycles.
import { formatCycle, order } from "../pipeline/graph.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { didYouMean } from "../validation/did-you-mean.ts";
import type { Finding } from "../validation/expectation.ts";

type Named = ReadonlyMap<string, readonly string[]>;
/** The pipelines that each comes after, and those that its scheduled starts wait for. */
export type Links = { after: Named; waitFor: Named };

/** `names` includes pipelines with errors, so that those after them do not come after an unknown pipeline. */
export function linkPipelines(
  pipelines: readonly Pipeline[],
  names: readonly string[],
  { after, waitFor }: Links,
  problems: Finding[],
): Pipeline[] {
  const known = new Set(names);
  const afterOf = (name: string) => after.get(name) ?? [];
  for (const name of names) {
    for (const unknown of afterOf(name).filter((other) => !known.has(other))) {
      const others = names.filter((other) => other !== name);
      const message = `pipeline ${JSON.stringify(name)} comes after unknown pipeline ${JSON.stringify(unknown)}${didYouMean(unknown, others)}`;
      problems.push({ path: ["pipelines", name, "after"], message, unknownKey: null });
    }
  }
  for (const name of names) {
    for (const wrong of (waitFor.get(name) ?? []).filter((other) => other === name || !known.has(other))) {
      const others = names.filter((other) => other !== name);
      const found = `${JSON.stringify(wrong)}${wrong === name ? ", the pipeline itself" : didYouMean(wrong, others)}`;
      problems.push({
        path: ["pipelines", name, "waitFor"],
        message: `expected other pipelines, found ${found}`,
        unknownKey: null,
      });
    }
  }
  const ordered = order(names.map((name) => ({ name, after: afterOf(name) })));
  if (ordered.kind === "cycle") {
    const message = `expected pipelines that can run in order, found a cycle: ${formatCycle(ordered.names)}`;
    problems.push({ path: ["pipelines"], message, unknownKey: null });
  }
  const followers = new Map<string, string[]>();
  for (const name of names) {
    for (const before of new Set(afterOf(name)))
      followers.set(before, [...(followers.get(before) ?? []), name]);
  }
  return pipelines.map((pipeline) => ({
    ...pipeline,
    after: [...afterOf(pipeline.name)],
    waitFor: [...(waitFor.get(pipeline.name) ?? [])],
    followers: followers.get(pipeline.name) ?? [],
  }));
}
