// Random pipelines: chains, stages and graphs over several repositories, and what a redeploy may make of them.
import { compileConfig } from "../../shared/core/compile.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { Random } from "../random.ts";

type StepDocument = { image: string; after: string[]; timeout: string; delay: string; retries: number };
export type PipelineDocument = {
  steps: Record<string, StepDocument>;
  confirm: "hub" | "auto" | "webhook";
  maxParallel: number;
  after: string[];
  onPush: "propagate" | "ignore";
  overlap: "skip" | "restart";
};

export function drawPipeline(
  random: Random,
  name: string,
  confirm: PipelineDocument["confirm"],
): PipelineDocument {
  const size = random.pick([1, 2, 2, 3, 3, 4, 5, 6]);
  const shape = random.pick<"chain" | "stages" | "graph">(["chain", "stages", "graph"]);
  const steps: Record<string, StepDocument> = {};
  for (let index = 0; index < size; index += 1) {
    const before = Object.keys(steps);
    steps[`s${index}`] = drawStep(random, name, index, drawAfter(random, shape, before));
  }
  return {
    steps,
    confirm,
    after: name === "beta" && random.split("after").chance(0.5) ? ["alpha"] : [],
    maxParallel: random.split(`parallel ${name}`).pick([1, 2, 1_000]),
    onPush: random.pick(["propagate", "propagate", "ignore"]),
    overlap: random.pick(["skip", "restart"]),
  };
}

function drawStep(random: Random, pipeline: string, index: number, after: string[]): StepDocument {
  return {
    image: `acme/${random.pick([pipeline, `${pipeline}-other`])}:t${index}`,
    after,
    timeout: random.pick(["1h", "5h"]),
    delay: random.pick(["0s", "0s", "100s"]),
    retries: random.pick([0, 1, 1, 2]),
  };
}

function drawAfter(random: Random, shape: "chain" | "stages" | "graph", before: string[]): string[] {
  if (shape === "chain") return before.slice(-1);
  if (shape === "stages") return before.slice(0, Math.max(0, before.length - random.integer(0, 2)));
  return before.filter(() => random.next() < 0.4);
}

/** Steps come, go, and stand in another order. */
export function redraw(
  random: Random,
  name: string,
  document: PipelineDocument,
  deployment: number,
): PipelineDocument {
  const entries = Object.entries(document.steps);
  const kept = entries.filter(() => random.next() < 0.7).sort(() => random.next() - 0.5);
  const added = `n${deployment}`;
  const step = drawStep(random, name, 100 + deployment, []);
  const drawn = random.next() < 0.5 || kept.length === 0 ? [...kept, [added, step] as const] : kept;
  const names: string[] = [];
  const steps = drawn.map(([stepName, settings]) => {
    const after = names.filter(() => random.next() < 0.4);
    names.push(stepName);
    return [stepName, { ...settings, after }];
  });
  return { ...document, steps: Object.fromEntries(steps) };
}

export function compile(documents: ReadonlyMap<string, PipelineDocument>): Pipeline[] {
  return compileConfig({ pipelines: Object.fromEntries(documents) }).pipelines;
}
