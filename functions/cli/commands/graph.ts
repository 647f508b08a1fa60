// `tagrelay graph`: prints pipelines as text, JSON or a Mermaid flowchart.
import { imageNameOf, type Pipeline, type Step } from "../../../shared/pipeline/pipeline.ts";
import { exitCodes } from "../cli-error.ts";
import { type Io, print, printJson } from "../io.ts";
import { findPipeline, loadConfig } from "../load-config.ts";
import { bold, dim, table } from "../text.ts";

type Options = { config: string; mermaid?: true | undefined; json?: true | undefined };

export function graph(io: Io, name: string | undefined, { config, mermaid, json }: Options) {
  const { pipelines } = loadConfig(io, config);
  const shown = name === undefined ? pipelines : [findPipeline(pipelines, name)];
  if (json) printJson(io, { pipelines: shown.map(toJson) });
  else if (mermaid) print(io, ...flowchart(shown));
  else print(io, ...shown.flatMap((pipeline, index) => [...(index === 0 ? [] : [""]), ...toText(pipeline)]));
  return exitCodes.success;
}

function toJson({ name, after, steps }: Pipeline) {
  const stages = stagesOf(steps);
  return {
    name,
    after,
    steps: steps.map((step) => ({
      name: step.name,
      image: imageNameOf(step),
      after: step.after,
      stage: stages.get(step.name),
    })),
  };
}

/** Stage 1 has the steps without predecessors; a step is one stage after its last predecessor. */
function stagesOf(steps: readonly Step[]): Map<string, number> {
  const stages = new Map<string, number>();
  for (const { name, after } of steps) {
    stages.set(name, 1 + Math.max(0, ...after.map((before) => stages.get(before) ?? 0)));
  }
  return stages;
}

function toText({ name, after, steps }: Pipeline): string[] {
  const stages = stagesOf(steps);
  const ordered = steps.toSorted((a, b) => (stages.get(a.name) ?? 0) - (stages.get(b.name) ?? 0));
  const hasImageColumn = steps.some((step) => step.name !== imageNameOf(step));
  const rows = ordered.map((step, index) => {
    const stage = stages.get(step.name);
    const isFirst = index === 0 || stages.get(ordered[index - 1]?.name ?? "") !== stage;
    const image = imageNameOf(step) ?? "gate";
    return [
      dim(isFirst ? String(stage) : ""),
      step.name,
      ...(hasImageColumn ? [dim(image === step.name ? "" : image)] : []),
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

/** Names and images contain no characters that Mermaid interprets within quotes. */
function labelOf(step: Step): string {
  const { name } = step;
  const image = imageNameOf(step) ?? "gate";
  return name === image ? name : `${name}<br/>${image}`;
}
