// Lists the hosts that look-ups of a configuration's images send requests to.
import { dockerHub, splitRepository } from "../image/image.ts";
import { storageOriginsOf } from "./oci/blob-host.ts";
import { tokenHostsOf } from "./oci/token-host.ts";

type WithImages = {
  steps: readonly { image: { repository: string } | null; upstreams: readonly string[] }[];
};

/** The registries of the images, apart from Docker Hub. */
export function registriesOf(pipelines: readonly WithImages[]): string[] {
  const hosts = hostsOf(pipelines);
  hosts.delete(dockerHub);
  return [...hosts];
}

function hostsOf(pipelines: readonly WithImages[]): Set<string> {
  const repositories = pipelines.flatMap(({ steps }) =>
    steps.flatMap(({ image, upstreams }) => [image?.repository ?? [], ...upstreams].flat()),
  );
  return new Set(repositories.map((repository) => splitRepository(repository).host));
}

/** The origins of these registries, of their token services and of the storages of their blobs. */
export function originsOfImages(pipelines: readonly WithImages[]): string[] {
  const own = registriesOf(pipelines).flatMap((registry) =>
    [registry, ...tokenHostsOf(registry)].map((host) => `https://${host}`),
  );
  return [...own, ...[...hostsOf(pipelines)].flatMap(storageOriginsOf)];
}
