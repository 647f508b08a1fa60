// Makes a reported push of what a webhook says, and reads the times of webhooks.
import { isOnDockerHub, parseImage } from "../image/image.ts";
import type { ReportedTag } from "../kinds/registry.ts";
import { isDigest } from "./oci/digest.ts";

export type Report = {
  /** With the registry's host: `ghcr.io/acme/api`. */
  repository: string;
  tag: string;
  digest: unknown;
  pushedAt: number | null;
};

const maxRepository = 512;

/** Null if it is not an image outside Docker Hub, which has a webhook of its own. A digest of another form is dropped. */
export function toReportedTag({ repository, tag, digest, pushedAt }: Report): ReportedTag | null {
  if (repository.length > maxRepository) return null;
  // Images are in lower case. Some webhooks show the owner's name as its owner wrote it.
  const parsed = parseImage(`${repository.toLowerCase()}:${tag}`, null);
  if (parsed.kind === "problem" || parsed.image.tag !== tag || isOnDockerHub(parsed.image)) return null;
  return { image: parsed.image, digest: isDigest(digest) ? digest : null, pushedAt };
}

/** A reference without its tag and digest. */
export function repositoryOf(reference: string): string {
  const [name = ""] = reference.split("@");
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

/** Reads a time such as `2026-11-25T09:05:57.376308715Z`. */
export function toEpochMs(time: unknown): number | null {
  const at = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** The host and port of a URL. */
export function hostOf(url: unknown): string | null {
  return (typeof url === "string" && URL.parse(url)?.host) || null;
}
