// The pipelines, by their names, images, source repositories and builders: all in memory, or read when they are asked for.
import { type Image, imageName } from "../image/image.ts";
import { hasUnfilledParameter } from "../image/tag-parameters.ts";
import { imageSteps, type Pipeline } from "../pipeline/pipeline.ts";
import { type StepOfProject, stepsByProject } from "./steps-of-project.ts";
import { type PipelineOfSource, sourcesOf } from "./steps-of-source.ts";

type Lookup<Value> = { get: (key: string) => Value | undefined };

export type StepOfImage = { pipeline: Pipeline; step: string };

export type Catalog = {
  /** In the order of the configuration. To go through all of them takes longer than to find one. */
  pipelines: Lookup<Pipeline> & { keys: () => Iterable<string>; values: () => Iterable<Pipeline> };
  /** The steps of an image, by its name; those with parameters in their tags by `keyOfOpenTags`. */
  images: Lookup<StepOfImage[]>;
  /** The pipelines that a repository's pushes start, by `sourceKey`. */
  sources: Lookup<PipelineOfSource[]>;
  /** The steps whose builders report the ends of builds, by project. */
  projects: Lookup<StepOfProject[]>;
};

export type CatalogInMemory = { [Name in keyof Catalog]: ReadonlyMap<string, Found<Catalog[Name]>> };
type Found<Of> = Of extends Lookup<infer Value> ? Value : never;

export function catalogOf(pipelines: readonly Pipeline[]): CatalogInMemory {
  return {
    pipelines: new Map(pipelines.map((pipeline) => [pipeline.name, pipeline])),
    images: imagesOf(pipelines),
    sources: sourcesOf(pipelines),
    projects: stepsByProject(pipelines),
  };
}

/** The key for all images of a repository whose tags have parameters. */
export function keyOfOpenTags({ repository }: Pick<Image, "repository">): string {
  return `${repository}:{}`;
}

function imagesOf(pipelines: readonly Pipeline[]): Map<string, StepOfImage[]> {
  const images = new Map<string, StepOfImage[]>();
  for (const pipeline of pipelines) {
    for (const { name: step, image } of imageSteps(pipeline)) {
      const name = hasUnfilledParameter(image) ? keyOfOpenTags(image) : imageName(image);
      const found = images.get(name);
      if (found === undefined) images.set(name, [{ pipeline, step }]);
      else found.push({ pipeline, step });
    }
  }
  return images;
}
