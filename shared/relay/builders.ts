// Which steps are built by those who tell how a build has ended, by the name of what they build for.
import type { Pipeline } from "../core/pipeline.ts";
import type { TriggerSettings } from "../triggers/settings.ts";

export type BuilderName = "github" | "gitlab";
export type BuiltStep = { pipeline: Pipeline; step: string };

/** A repository of GitHub, a project of GitLab by its path or its number; neither tells large letters from small ones. */
export function builderKey(builder: BuilderName, project: string): string {
  return `${builder} ${project.toLowerCase()}`;
}

export function buildersOf(pipelines: readonly Pipeline[]): Map<string, BuiltStep[]> {
  const found = pipelines.flatMap((pipeline) =>
    pipeline.steps.flatMap(({ name, trigger }) => {
      const key = keyOf(trigger);
      return key === null ? [] : { key, built: { pipeline, step: name } };
    }),
  );
  const byKey = Map.groupBy(found, ({ key }) => key);
  return new Map([...byKey].map(([key, all]) => [key, all.map(({ built }) => built)]));
}

function keyOf(trigger: TriggerSettings): string | null {
  if ("github" in trigger) return builderKey("github", trigger.github.repository);
  return "gitlab" in trigger ? builderKey("gitlab", String(trigger.gitlab.project)) : null;
}
