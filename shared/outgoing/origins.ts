// Which hosts may be asked, and which are asked instead of the real ones: another Docker Hub, a test's, the simulated one.

export type Origins = {
  /** In place of hub.docker.com and registry.hub.docker.com, and of cloud.docker.com, its name for some years. */
  hub: string | null;
  /** In place of the registry and its token service. */
  registry: string | null;
  /** In place of api.github.com. */
  github: string | null;
  /** In place of whomever else the configuration names, such as a GitLab; the host is then a part of the path. */
  others: string | null;
};

export const realOrigins: Origins = { hub: null, registry: null, github: null, others: null };

const hosts = new Map<string, Exclude<keyof Origins, "others">>([
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

/** The address of a host that a trigger names, or where it has its place at the stand-in: `/at/<host>/…`. */
export function atStandIn(address: URL, { others }: Origins): string {
  if (others === null) return address.href;
  return `${new URL(others).origin}/at/${address.host}${address.pathname}${address.search}`;
}

/** Whether a request may go to an address. */
export type MayAsk = (url: URL) => boolean;

const loopbackHosts = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** An address of this machine, which an operator may give as a trigger. */
export function isOnThisMachine({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && loopbackHosts.test(hostname);
}

/** Whether an address is of an origin, or, for one such as `https://*.example.org`, of one below it. */
export function isOriginLike(url: URL, origin: string): boolean {
  const [, below] = /^https:\/\/\*(\..+)$/.exec(origin) ?? [];
  if (below === undefined) return url.origin === origin;
  return url.protocol === "https:" && url.port === "" && url.hostname.endsWith(below);
}

/**
 * What a configuration names: the builders that are known, by TLS, each of them or what takes its place, the origins
 * that its triggers and channels name, and this machine. Where a stand-in takes a builder's place, the real one is not asked.
 */
export function namedBy(origins: Origins, ofOthers: readonly string[] = []): MayAsk {
  const known = [...hosts].map(([host, kind]) => origins[kind] ?? `https://${host}`);
  const others = origins.others === null ? ofOthers : [origins.others];
  const named = new Set([...known, ...others].map((origin) => new URL(origin).origin));
  const patterns = [...named].filter((origin) => origin.includes("*"));
  return (url) =>
    isOnThisMachine(url) || named.has(url.origin) || patterns.some((pattern) => isOriginLike(url, pattern));
}
