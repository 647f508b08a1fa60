// Parses the name of an image on any registry.
import { dockerHub, normalizeRepository, splitRepository } from "../../../shared/image/image.ts";

export type ImageReference = {
  /** Null for Docker Hub. */
  registry: string | null;
  repository: string;
  tag: string;
  isPinned: boolean;
};

/** `docker.io/acme/base:1@sha256:…`; the default tag is `latest`. */
export function readReference(text: string): ImageReference {
  const [name = "", digest] = text.split("@");
  const colon = name.lastIndexOf(":");
  const hasTag = colon > name.lastIndexOf("/");
  const { host, path } = splitRepository(normalizeRepository(hasTag ? name.slice(0, colon) : name));
  return {
    registry: host === dockerHub ? null : host,
    repository: path,
    tag: hasTag ? name.slice(colon + 1) : "latest",
    isPinned: digest !== undefined,
  };
}

/** Makes a valid repository name of a folder's name: `NodeBase` → `node-base`. */
export function repositoryNameOf(folder: string): string {
  return folder
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "")
    .replace(/[._-]*([._-])/g, "$1");
}
