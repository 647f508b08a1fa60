// Which hosts may be asked, and which are asked instead of the real ones: another Docker Hub, a test's, the simulated one.

export type Origins = {
  /** In place of hub.docker.com and registry.hub.docker.com, and of cloud.docker.com, its name for some years. */
  hub: string | null;
  /** In place of the registry and its token service. */
  registry: string | null;
  /** In place of api.github.com. */
  github: string | null;
};

export const realOrigins: Origins = { hub: null, registry: null, github: null };

const hosts = new Map<string, keyof Origins>([
  ["hub.docker.com", "hub"],
  ["registry.hub.docker.com", "hub"],
  ["cloud.docker.com", "hub"],
  ["registry-1.docker.io", "registry"],
  ["auth.docker.io", "registry"],
  ["api.github.com", "github"],
]);

/** The address with its origin replaced, the path as it is; null for what is no URL. */
export function withOrigin(address: string, origins: Origins): string | null {
  const url = URL.parse(address);
  if (url === null) return null;
  const replaced = hosts.get(url.hostname);
  const origin = replaced === undefined ? null : origins[replaced];
  return origin === null ? url.href : `${new URL(origin).origin}${url.pathname}${url.search}`;
}

/** Whether a request may go to an address. */
export type MayAsk = (url: URL) => boolean;

const loopbackHosts = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** An address of this machine, which an operator may give as a trigger. */
export function isOnThisMachine({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && loopbackHosts.test(hostname);
}

/**
 * What a configuration names: the builders that are known, by TLS, each of them or what takes its place, and this
 * machine. Where a stand-in takes a builder's place, the real one is not asked.
 */
export function namedBy(origins: Origins): MayAsk {
  const named = new Set([...hosts].map(([host, kind]) => new URL(origins[kind] ?? `https://${host}`).origin));
  return (url) => isOnThisMachine(url) || named.has(url.origin);
}
