// `tagrelay graph`: the pipelines of a configuration as text, or as a flowchart of Mermaid.
import { imageName } from "../../../shared/core/image.ts";
import type { Pipeline, Step } from "../../../shared/core/pipeline.ts";
import { exitCodes } from "../cli-error.ts";
import { findPipeline, loadConfig } from "../load-config.ts";
import { bold, dim, say, sayJson, table } from "../text.ts";

type Options = { config: string; mermaid?: true | undefined; json?: true | undefined };

export function graph(name: string | undefined, { config, mermaid, json }: Options) {
  const { pipelines } = loadConfig(config);
  const shown = name === undefined ? pipelines : [findPipeline(pipelines, name)];
  if (json) sayJson({ pipelines: shown.map(describe) });
  else if (mermaid) say(...flowchart(shown));
  else say(...shown.flatMap((pipeline, index) => [...(index === 0 ? [] : [""]), ...textOf(pipeline)]));
  return exitCodes.done;
}

function describe({ name, after, steps }: Pipeline) {
  const stages = stagesOf(steps);
  return {
    name,
    after,
    steps: steps.map((step) => ({
      ...{ name: step.name, image: imageName(step.image), after: step.after },
      stage: stages.get(step.name),
    })),
  };
}

/** How many steps have to be done one after another before a step can be: its stage, from 1 on. */
function stagesOf(steps: readonly Step[]): Map<string, number> {
  const stages = new Map<string, number>();
  for (const { name, after } of steps) {
    stages.set(name, 1 + Math.max(0, ...after.map((before) => stages.get(before) ?? 0)));
  }
  return stages;
}

function textOf({ name, after, steps }: Pipeline): string[] {
  const stages = stagesOf(steps);
  const inOrder = steps.toSorted((a, b) => (stages.get(a.name) ?? 0) - (stages.get(b.name) ?? 0));
  const rows = inOrder.map((step, index) => {
    const stage = stages.get(step.name);
    const isFirst = index === 0 || stages.get(inOrder[index - 1]?.name ?? "") !== stage;
    const image = imageName(step.image);
    return [
      dim(isFirst ? String(stage) : ""),
      step.name,
      ...(inOrder.every((one) => one.name === imageName(one.image))
        ? []
        : [dim(image === step.name ? "" : image)]),
      step.after.length === 0 ? "" : dim(`after ${step.after.join(", ")}`),
    ];
  });
  return [
    `${bold(name)}${after.length === 0 ? "" : dim(`  after ${after.join(", ")}`)}`,
    ...table(rows, "  "),
  ];
}

function flowchart(pipelines: readonly Pipeline[]): string[] {
  const idOf = (pipeline: Pipeline, step: string) =>
    `p${pipelines.indexOf(pipeline)}s${pipeline.steps.findIndex(({ name }) => name === step)}`;
  const inner = pipelines.flatMap((pipeline, index) => [
    `  subgraph p${index}["${pipeline.name}"]`,
    ...pipeline.steps.map((step) => `    ${idOf(pipeline, step.name)}["${labelOf(step)}"]`),
    ...pipeline.steps.flatMap((step) =>
      step.after.map((before) => `    ${idOf(pipeline, before)} --> ${idOf(pipeline, step.name)}`),
    ),
    "  end",
  ]);
  const between = pipelines.flatMap((pipeline, index) =>
    pipelines.flatMap(({ name }, before) =>
      pipeline.after.includes(name) ? [`  p${before} -.-> p${index}`] : [],
    ),
  );
  return ["flowchart LR", ...inner, ...between];
}

/** Names and images have no sign that means something to Mermaid within quotes. */
function labelOf({ name, image }: Step): string {
  return name === imageName(image) ? name : `${name}<br/>${imageName(image)}`;
}
