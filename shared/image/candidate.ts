// The candidate of an image: the tag that a build pushes before its own tag is moved to it, such as
// `latest-20261126T030000123-k3f9a1`. It ends like the id of its run.
import type { Image } from "./image.ts";

const pattern = /^(.+)-(\d{8}T\d{9}-[a-z0-9]{6})$/;

/** A tag has at most 128 characters. */
export const maxTagWithCandidate = 128 - "-20261126T030000123-k3f9a1".length;

export function candidateOf({ repository, tag }: Image, end: string): Image {
  return { repository, tag: `${tag}-${end}` };
}

/** What the image is a candidate for, and how the id of its run ends; null if it is no candidate. */
export function readCandidate({ repository, tag }: Image): { image: Image; end: string } | null {
  const [, own, end] = pattern.exec(tag) ?? [];
  return own === undefined || end === undefined ? null : { image: { repository, tag: own }, end };
}
