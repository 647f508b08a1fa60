// Lists the hosts that look-ups of a configuration's images send requests to.
import { dockerHub, splitRepository } from "../image/image.ts";
import { tokenHostsOf } from "./oci/token-host.ts";

type WithImages = {
  steps: readonly { image: { repository: string } | null; upstreams: readonly string[] }[];
};

/** The registries of the images, apart from Docker Hub. */
export function registriesOf(pipelines: readonly WithImages[]): string[] {
  const repositories = pipelines.flatMap(({ steps }) =>
    steps.flatMap(({ image, upstreams }) => [image?.repository ?? [], ...upstreams].flat()),
  );
  const hosts = new Set(repositories.map((repository) => splitRepository(repository).host));
  hosts.delete(dockerHub);
  return [...hosts];
}

/** The origins of these registries and of their token services. */
export function originsOfImages(pipelines: readonly WithImages[]): string[] {
  return registriesOf(pipelines).flatMap((registry) =>
    [registry, ...tokenHostsOf(registry)].map((host) => `https://${host}`),
  );
}
