// Ties pipelines to those that come after them, and tells what is wrong with that.
import { didYouMean } from "./did-you-mean.ts";
import type { Problem } from "./expectation.ts";
import { circleOf, order } from "./graph.ts";
import type { Pipeline } from "./pipeline.ts";

/** `names` are those of all pipelines, also of such as cannot be read; `after` tells which each comes after. */
export function linkPipelines(
  pipelines: readonly Pipeline[],
  names: readonly string[],
  after: ReadonlyMap<string, readonly string[]>,
  problems: Problem[],
): Pipeline[] {
  const afterOf = (name: string) => after.get(name) ?? [];
  for (const name of names) {
    for (const other of afterOf(name).filter((unknown) => !names.includes(unknown))) {
      const others = names.filter((known) => known !== name);
      const message = `pipeline ${JSON.stringify(name)} comes after unknown pipeline ${JSON.stringify(other)}${didYouMean(other, others)}`;
      problems.push({ path: ["pipelines", name, "after"], message });
    }
  }
  const ordered = order(names.map((name) => ({ name, after: afterOf(name) })));
  if (ordered.kind === "circle") {
    problems.push({
      path: ["pipelines"],
      message: `expected pipelines in an order, found a circle: ${circleOf(ordered.names)}`,
    });
  }
  return pipelines.map((pipeline) => ({
    ...pipeline,
    after: [...afterOf(pipeline.name)],
    followers: names.filter((name) => afterOf(name).includes(pipeline.name)),
  }));
}
