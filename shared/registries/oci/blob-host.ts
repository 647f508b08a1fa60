// Decides whether a blob may be fetched from where its registry redirects to. Many registries keep blobs in another storage. They
// name it themselves, so without this check they could send the program to any address.
import { isOnThisMachine, matchesOrigin } from "../../outgoing/origins.ts";

/** The storages of registries outside of their own hosts, by the end of the registry's name. */
const knownStorages: readonly (readonly [registry: string, ...origins: string[]])[] = [
  // https://docs.docker.com/desktop/setup/allow-list/
  ["docker.io", "https://*.docker.com", "https://*.r2.cloudflarestorage.com"],
  ["ghcr.io", "https://pkg-containers.githubusercontent.com"],
  ["lscr.io", "https://pkg-containers.githubusercontent.com"],
  ["quay.io", "https://*.quay.io"],
  ["gcr.io", "https://storage.googleapis.com"],
  ["pkg.dev", "https://storage.googleapis.com"],
  ["azurecr.io", "https://*.blob.core.windows.net"],
  ["amazonaws.com", "https://*.amazonaws.com"],
  ["amazonaws.com.cn", "https://*.amazonaws.com.cn"],
  ["amazonaws.eu", "https://*.amazonaws.eu"],
  ["on.aws", "https://*.amazonaws.com"],
  ["gitlab.com", "https://storage.googleapis.com", "https://cdn.registry.gitlab-static.net"],
];

/** The origins that the registry's blobs may come from, apart from its own. */
export function storageOriginsOf(registry: string): string[] {
  const { hostname } = new URL(`https://${registry}`);
  return knownStorages.flatMap(([name, ...origins]) =>
    hostname === name || hostname.endsWith(`.${name}`) ? origins : [],
  );
}

/** Where the answer redirects to; null if the blob must not be fetched from there. `asked` is where it was asked for. */
export function readBlobRedirect(location: string | null, registry: string, asked: URL): URL | null {
  const url = location === null ? null : URL.parse(location, asked.href);
  if (url === null || url.username !== "" || url.password !== "") return null;
  if (url.origin === asked.origin || (isOnThisMachine(asked) && isOnThisMachine(url))) return url;
  return storageOriginsOf(registry).some((origin) => matchesOrigin(url, origin)) ? url : null;
}
