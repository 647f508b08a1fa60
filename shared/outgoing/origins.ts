// Decides which hosts requests may go to, and which stand-ins replace the real ones in tests and in simulations.

export type Origins = {
  /** Replaces hub.docker.com, registry.hub.docker.com, and cloud.docker.com, its former name. */
  hub: string | null;
  /** Replaces the registry and its token service. */
  registry: string | null;
  /** Replaces api.github.com. */
  github: string | null;
  /** Replaces other registries, by host. */
  registries: ReadonlyMap<string, string>;
  /** Replaces all other hosts that the configuration names, such as a GitLab; the host becomes a part of the path. */
  others: string | null;
};

export const realOrigins: Origins = {
  hub: null,
  registry: null,
  github: null,
  registries: new Map(),
  others: null,
};

const hosts = new Map<string, Exclude<keyof Origins, "others" | "registries">>([
  ["hub.docker.com", "hub"],
  ["registry.hub.docker.com", "hub"],
  ["cloud.docker.com", "hub"],
  ["registry-1.docker.io", "registry"],
  ["auth.docker.io", "registry"],
  ["api.github.com", "github"],
]);

/** The URL, at the stand-in if it is one of Docker Hub or GitHub's API and that has a stand-in. */
export function replaceKnownHost(url: URL, origins: Origins): string {
  const kind = hosts.get(url.hostname);
  const origin = kind === undefined ? null : origins[kind];
  return origin === null ? url.href : `${new URL(origin).origin}${url.pathname}${url.search}`;
}

/** An address that a trigger names, or its counterpart at the stand-in: `/at/<host>/…`. */
export function redirectToStandIn(address: URL, { others }: Origins): string {
  return others === null ? address.href : `${new URL(others).origin}${standInPath(address)}`;
}

/** The path of an address at the stand-in. */
export function standInPath({ host, pathname, search }: URL): string {
  return `/at/${host}${pathname}${search}`;
}

/** True if a request may go to the address. */
export type MayConnect = (url: URL) => boolean;

const loopbackHosts = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** True for an http address of this machine, which triggers and channels may use. */
export function isOnThisMachine({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && isLoopback(hostname);
}

export function isLoopback(hostname: string): boolean {
  return loopbackHosts.test(hostname);
}

/** `https://*.example.org` matches all subdomains, but not example.org itself. */
export function matchesOrigin(url: URL, origin: string): boolean {
  const [, domain] = /^https:\/\/\*(\..+)$/.exec(origin) ?? [];
  if (domain === undefined) return url.origin === origin;
  return url.protocol === "https:" && url.port === "" && url.hostname.endsWith(domain);
}

/**
 * Allows Docker Hub and GitHub's API by https, or their stand-ins; the origins that the configuration names (`namedOrigins`), or
 * their common stand-in; stand-ins of other registries; and this machine by http. The real registry stays allowed
 * beside its stand-in, but urlAtRegistry sends nothing there.
 */
export function allowHosts(origins: Origins, namedOrigins: readonly string[] = []): MayConnect {
  const known = [...hosts].map(([host, kind]) => origins[kind] ?? `https://${host}`);
  const others = origins.others === null ? namedOrigins : [origins.others];
  const allowed = new Set(
    [...known, ...origins.registries.values(), ...others].map((origin) => new URL(origin).origin),
  );
  const patterns = [...allowed].filter((origin) => origin.includes("*"));
  return (url) =>
    isOnThisMachine(url) ||
    allowed.has(url.origin) ||
    patterns.some((pattern) => matchesOrigin(url, pattern));
}
