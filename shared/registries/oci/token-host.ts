// Decides whether a registry's tokens may be fetched from a host. A registry names that host itself, so without this check
// it could send the program, and its password, to any address.
import { isOnThisMachine } from "../../outgoing/origins.ts";

/** Token services outside of their registries' own hosts and parent domains. */
const knownTokenHosts = new Map([
  ["docker.io", "auth.docker.io"],
  ["lscr.io", "ghcr.io"],
]);

/** The hosts whose tokens the registry may use: its own, its parent domain, and the known one. */
export function tokenHostsOf(registry: string): string[] {
  const { hostname } = new URL(`https://${registry}`);
  const parent = hostname.split(".").slice(1).join(".");
  const isDomain = /[a-z]/.test(parent) && parent.includes(".");
  return [hostname, ...(isDomain ? [parent] : []), knownTokenHosts.get(registry) ?? []].flat();
}

/** `origin` is where the registry's requests go. On this machine, tokens may come from the same host by http. */
export function mayFetchToken(realm: URL, registry: string, origin: URL): boolean {
  if (realm.username !== "" || realm.password !== "") return false;
  if (isOnThisMachine(origin) && realm.hostname === origin.hostname) return true;
  return realm.protocol === "https:" && tokenHostsOf(registry).includes(realm.hostname);
}
