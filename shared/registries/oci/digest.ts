// Reads digests of manifests.
import { splitRepository } from "../../image/image.ts";
import type { Answered, NoAnswer } from "./authorize.ts";
import type { ManifestAnswer } from "./client.ts";
import { registryName } from "./registry-name.ts";

export function isDigest(value: unknown): value is string {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}

export type TagDigest =
  | { kind: "found"; digest: string; header: Answered["header"] }
  | { kind: "missing" }
  | NoAnswer;

/** What the answer to a HEAD request says about the tag. */
export function readTagDigest(answer: ManifestAnswer, repository: string): TagDigest {
  if (answer.kind !== "answered") return answer;
  const { status, header } = answer;
  if (status === 404) return { kind: "missing" };
  const digest = header("docker-content-digest");
  if (isDigest(digest)) return { kind: "found", digest, header };
  const reason = `${registryName(splitRepository(repository).host)} returned no digest`;
  return { kind: "unknown", reason, retryAfterMs: null, requestSent: true };
}
