// The repositories in Amazon ECR that a configuration names, by the registry that they are in.
import { splitRepository } from "../shared/image/image.ts";
import { imageSteps, type Pipeline } from "../shared/pipeline/pipeline.ts";
import { type EcrRegistry, ecrRegistryOf } from "../shared/registries/ecr/ecr-registry.ts";

export type EcrRepositories = EcrRegistry & { names: string[] };

/** Those that steps push to. */
export function pushedEcrRepositories(pipelines: readonly Pipeline[]): EcrRepositories[] {
  return group(pipelines.flatMap(imageSteps).map(({ image }) => image.repository));
}

/** Also those of upstreams. */
export function readEcrRepositories(pipelines: readonly Pipeline[]): EcrRepositories[] {
  const steps = pipelines.flatMap((pipeline) => pipeline.steps);
  const upstreams = steps.flatMap((step) => step.upstreams).map((image) => image.replace(/:[^:/]*$/, ""));
  return group([...steps.flatMap(({ image }) => image?.repository ?? []), ...upstreams]);
}

function group(repositories: readonly string[]): EcrRepositories[] {
  const found = new Map<string, EcrRegistry & { names: Set<string> }>();
  for (const repository of repositories) {
    const { host, path } = splitRepository(repository);
    const registry = ecrRegistryOf(host);
    if (registry === null) continue;
    const key = `${registry.account} ${registry.region}`;
    const known = found.get(key) ?? { ...registry, names: new Set() };
    found.set(key, known);
    known.names.add(path);
  }
  return [...found.values()].map(({ names, ...registry }) => ({ ...registry, names: [...names].sort() }));
}
