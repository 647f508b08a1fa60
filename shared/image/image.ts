// Reads the name of an image as Docker does: `namespace/repo:tag` on Docker Hub, `ghcr.io/acme/api:latest` elsewhere.

/** The repository includes its registry's host and port, unless it is on Docker Hub: `acme/api`, `quay.io/acme/api`. */
export type Image = { repository: string; tag: string };
export type ParsedImage = { kind: "image"; image: Image } | { kind: "problem"; problem: string };

export const dockerHub = "docker.io";

const dockerHubHosts = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];
const component = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*";
const pathPattern = new RegExp(`^${component}(?:/${component})*$`);
const hostPattern =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** Registries refuse longer names. */
const maxPath = 255;

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

export function imageName(image: Image): string {
  return `${image.repository}:${image.tag}`;
}

/** The image of a full name, as `imageName` writes it. */
export function splitImageName(name: string): Image {
  const colon = name.lastIndexOf(":");
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}

export type RepositoryAtRegistry = {
  /** The registry's host, with its port if it has one. */
  host: string;
  /** The repository's name at the registry: `acme/api`. */
  path: string;
};

/** The first part is a host if it has a dot or a colon, or is `localhost`. */
export function splitRepository(repository: string): RepositoryAtRegistry {
  const [first = "", ...rest] = repository.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost ? { host: first, path: rest.join("/") } : { host: dockerHub, path: repository };
}

/** The registry's usual name: Docker Hub has several hosts. */
export function registryOf(host: string): string {
  const lower = host.toLowerCase();
  return dockerHubHosts.includes(lower) ? dockerHub : lower;
}

export function isOnDockerHub({ repository }: Image): boolean {
  return splitRepository(repository).host === dockerHub;
}

/** Adds the namespace `library` of Docker's official images, and removes Docker Hub's host. */
export function normalizeRepository(text: string): string {
  const { host, path } = splitRepository(text);
  const registry = registryOf(host);
  if (registry !== dockerHub) return `${registry}/${path}`;
  return path.includes("/") ? path : `library/${path}`;
}

/** The problem with a repository's name, or null. */
export function repositoryProblem(text: string): string | null {
  const { host, path } = splitRepository(normalizeRepository(text));
  if (/:[^/]*$/.test(path)) return `expected a repository without a tag, found ${JSON.stringify(text)}`;
  if (!hostPattern.test(host)) {
    return `expected the host of a registry such as ghcr.io or registry.example.org:5000, found ${JSON.stringify(host)}`;
  }
  const isOnHub = host === dockerHub;
  if (pathPattern.test(path) && path.length <= maxPath && (!isOnHub || path.split("/").length === 2))
    return null;
  const example = isOnHub ? "namespace/repo" : `${host}/namespace/repo`;
  return `expected a repository such as ${example} in lower case, found ${JSON.stringify(text)}`;
}

/** A text that is only a tag belongs to `defaultRepository`. */
export function parseImage(text: string, defaultRepository: string | null): ParsedImage {
  const problem = (message: string): ParsedImage => ({ kind: "problem", problem: message });
  if (text.includes("@")) return problem(`expected a tag, found the digest in ${JSON.stringify(text)}`);
  if (!/[:/]/.test(text)) {
    if (!tagPattern.test(text)) return problem(`expected a tag, found ${JSON.stringify(text)}`);
    if (defaultRepository === null) {
      return problem(
        `expected namespace/repo:tag, found the tag ${JSON.stringify(text)} alone; give the pipeline an "image", the repository of such tags`,
      );
    }
    return { kind: "image", image: { repository: defaultRepository, tag: text } };
  }
  const colon = text.lastIndexOf(":");
  if (colon < text.lastIndexOf("/") || colon === -1) {
    return problem(
      `expected namespace/repo:tag, found no tag in ${JSON.stringify(text)}; did you mean ${JSON.stringify(`${text}:latest`)}?`,
    );
  }
  const tag = text.slice(colon + 1);
  const name = text.slice(0, colon);
  const wrong = repositoryProblem(name);
  if (wrong !== null) return problem(wrong);
  if (!tagPattern.test(tag)) return problem(`expected a tag after the colon, found ${JSON.stringify(tag)}`);
  return { kind: "image", image: { repository: normalizeRepository(name), tag } };
}
