// Which hosts are asked instead of the real ones: another Docker Hub, a test's, the simulated one.

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
