// Reads digests of manifests.
import type { Answer } from "../../outgoing/send.ts";

export function isDigest(value: unknown): value is string {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}

/** The digest of the manifest in an answer; null if the registry does not say. */
export function digestOf({ header }: Extract<Answer, { kind: "answered" }>): string | null {
  const digest = header("docker-content-digest");
  return isDigest(digest) ? digest : null;
}
