// Reads the name of an image on Docker Hub: `namespace/repo:tag`.

export type Image = { repository: string; tag: string };
export type ParsedImage = { kind: "image"; image: Image } | { kind: "problem"; problem: string };

const repositoryPattern = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

export function imageName(image: Image): string {
  return `${image.repository}:${image.tag}`;
}

/** Adds the namespace `library` of Docker's official images, and removes Docker Hub's host. */
export function normalizeRepository(text: string): string {
  const path = text.replace(/^(?:docker\.io|index\.docker\.io|registry-1\.docker\.io)\//, "");
  return path.includes("/") ? path : `library/${path}`;
}

/** The problem with a repository's name, or null. */
export function repositoryProblem(text: string): string | null {
  const repository = normalizeRepository(text);
  const host = repository.split("/")[0] ?? "";
  if (repository.split("/").length > 2 && /[.:]|^localhost$/.test(host)) {
    return `expected a repository on Docker Hub, found one on ${JSON.stringify(host)}`;
  }
  if (/:[^/]*$/.test(text)) return `expected a repository without a tag, found ${JSON.stringify(text)}`;
  if (!repositoryPattern.test(repository)) {
    return `expected a repository such as namespace/repo in lower case, found ${JSON.stringify(text)}`;
  }
  return null;
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
