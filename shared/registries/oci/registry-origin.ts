// Where requests to a registry go.
import { dockerHub } from "../../image/image.ts";
import { isLoopback, type Origins, replaceKnownHost, standInPath } from "../../outgoing/origins.ts";

/** The address of the registry's API. Registries on this machine are spoken to by http. */
export function registryAddress(registry: string, { registries }: Origins): URL {
  const replaced = registries.get(registry);
  if (replaced !== undefined) return new URL(replaced);
  if (registry === dockerHub) return new URL("https://registry-1.docker.io");
  const address = new URL(`https://${registry}`);
  return isLoopback(address.hostname) ? new URL(`http://${registry}`) : address;
}

/** The URL of a path of the registry, or of its stand-in. */
export function urlAtRegistry(registry: string, path: string, origins: Origins): string {
  const url = new URL(path, registryAddress(registry, origins));
  if (registry === dockerHub) return replaceKnownHost(url, origins);
  const isReplaced = origins.registries.has(registry) || origins.others === null;
  return isReplaced ? url.href : `${new URL(origins.others ?? "").origin}${standInPath(url)}`;
}
