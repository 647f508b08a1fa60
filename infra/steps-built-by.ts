// The part of the pipelines that a project of CodeBuild builds.
import { splitRepository } from "../shared/image/image.ts";
import type { Pipeline } from "../shared/pipeline/pipeline.ts";

/** The pipelines without their other steps. Their images are known all the same, where steps come after them. */
export function stepsBuiltBy(project: string, pipelines: readonly Pipeline[]): Pipeline[] {
  return pipelines.flatMap((pipeline) => {
    const steps = pipeline.steps.filter(
      ({ trigger }) =>
        trigger.kind === "codebuild" && trigger.project === project && trigger.region === undefined,
    );
    if (steps.length === 0) return [];
    const before = new Set(steps.flatMap(({ after }) => after));
    const bases = pipeline.steps.flatMap(({ name, image }) =>
      image !== null && before.has(name) ? [`${image.repository}:latest`] : [],
    );
    const own = steps.map((step) => ({ ...step, upstreams: [...step.upstreams, ...bases] }));
    return [{ ...pipeline, steps: own }];
  });
}

/** The registries that the images and their bases are in. */
export function hostsOf(pipelines: readonly Pipeline[]): string[] {
  const images = pipelines.flatMap(({ steps }) =>
    steps.flatMap(({ image, upstreams }) => [
      ...(image === null ? [] : [image.repository]),
      ...upstreams.map((upstream) => upstream.replace(/:[^:/]*$/, "")),
    ]),
  );
  return [...new Set(images.map((image) => splitRepository(image).host))];
}
