// Which steps are built by builders that report the ends of builds by webhook, by project.
import { projectOfTrigger } from "../builders/builders.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";

export type StepOfProject = { pipeline: Pipeline; step: string };

/** By the keys of `projectKey`. */
export function stepsByProject(pipelines: readonly Pipeline[]): Map<string, StepOfProject[]> {
  const found = pipelines.flatMap((pipeline) =>
    pipeline.steps.flatMap(({ name, trigger }) => {
      const key = projectOfTrigger(trigger);
      return key === null ? [] : { key, built: { pipeline, step: name } };
    }),
  );
  const byKey = Map.groupBy(found, ({ key }) => key);
  return new Map([...byKey].map(([key, all]) => [key, all.map(({ built }) => built)]));
}
