// Gives each step of an import the trigger that builds it, with all inputs of its build.
import { buildspec } from "../../../../shared/builders/codebuild/buildspec.ts";
import { emptyTally, type Imported, type ImportedStep, type Note, note } from "../imported.ts";
import { type BuildSettings, buildSettings } from "./build-settings.ts";
import { codebuildNotes, codebuildProjects, codebuildTrigger, projectOf } from "./codebuild-trigger.ts";
import { bakeTrigger, commandTrigger, ownCommandTrigger } from "./command-trigger.ts";
import { githubTrigger } from "./github-trigger.ts";
import { githubWorkflow } from "./github-workflow.ts";
import { gitlabPipeline, gitlabTrigger } from "./gitlab-trigger.ts";
import type { TriggerKind } from "./trigger-kinds.ts";

export type TriggerOptions = {
  kind: TriggerKind;
  /** `owner/name` of the repository or project with the Dockerfiles; null if nothing tells. */
  repository: string | null;
  /** The name of the workflow's file. */
  workflow: string;
  /** The path of the buildspec in the repository; null for Tagrelay's own. */
  buildspec: string | null;
  /** The folder that was imported, from where Tagrelay is started. */
  directory: string;
};

/** Stands in for a repository that nothing tells. */
const placeholderRepository = "your-namespace/your-repository";

export function addTriggers(imported: Imported, options: TriggerOptions): Imported {
  const { kind, repository, directory } = options;
  const images = new Map(
    imported.pipelines.flatMap(({ steps }) =>
      steps.map(({ label, image }) => [label ?? image, image] as const),
    ),
  );
  const notes: Note[] = [];
  const open: string[] = [];
  if (kind !== "command" && repository === null) {
    open.push(
      `the repository ${placeholderRepository} is a placeholder, as nothing tells the real one; set it with --repository OWNER/NAME`,
    );
  }
  const place = repository ?? placeholderRepository;
  const write = (step: ImportedStep, settings: BuildSettings): ImportedStep["trigger"] | string => {
    if (kind === "codebuild") {
      const made = codebuildTrigger(settings, place);
      return made.kind === "trigger" ? made.trigger : made.problem;
    }
    if (kind === "github") return githubTrigger(settings, place, options.workflow);
    return kind === "gitlab"
      ? gitlabTrigger(settings, place)
      : commandTrigger(settings, step.after.length > 0, directory);
  };
  const writeOr = (step: ImportedStep): ImportedStep["trigger"] | string => {
    const { recipe } = step;
    const own = recipe?.command;
    if (own !== undefined) {
      return kind === "command" ? ownCommandTrigger(own, directory) : `${own.split(" ")[0] ?? ""} builds it`;
    }
    const found = buildSettings(step, images);
    if (found.kind === "settings") return write(step, found.settings);
    const bake = kind === "command" && found.isUnpushed === true ? recipe?.bake : undefined;
    return bake === undefined ? found.problem : bakeTrigger(bake, pushedContexts(step, images), directory);
  };
  const pipelines = imported.pipelines.map((pipeline) => ({
    ...pipeline,
    steps: pipeline.steps.map((step) => {
      const trigger = writeOr(step);
      if (typeof trigger !== "string") return { ...step, trigger };
      const text = `${step.image} has no ${kind} trigger: ${trigger}`;
      open.push(text);
      notes.push(note(`TO DECIDE: ${text}`, pipeline.name, step.name));
      return step;
    }),
  }));
  const builds =
    kind === "codebuild"
      ? codebuildProjects({ pipelines }, new Map([[projectOf(place), place]]), options.buildspec)
      : null;
  const hasBuilds = builds !== null && Object.keys(builds.codebuild).length > 0;
  if (hasBuilds) notes.push(...codebuildNotes(builds).map((text) => note(text)));
  const tally = imported.tally ?? emptyTally;
  return {
    pipelines,
    notes: [...imported.notes, ...notes],
    tally: { ...tally, open: [...tally.open, ...open] },
    ...(hasBuilds ? { builds } : {}),
  };
}

function pushedContexts({ recipe }: ImportedStep, images: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...(recipe?.contexts ?? [])].flatMap(([name, value]): [string, string][] => {
      const image = images.get(/^(?:target|service):(.+)$/.exec(value)?.[1] ?? "");
      return image === undefined || name === "" ? [] : [[name, image]];
    }),
  );
}

/** What the triggers start, to be written into the repository; null for commands. */
export function workflowText({ pipelines }: Imported, kind: TriggerKind): string | null {
  const images = pipelines.flatMap(({ steps }) => steps.map(({ image }) => image));
  if (kind === "command") return null;
  if (kind === "codebuild") return buildspec(" Builds and pushes one image. Written by tagrelay import.");
  return kind === "github" ? githubWorkflow(images) : gitlabPipeline(images);
}
