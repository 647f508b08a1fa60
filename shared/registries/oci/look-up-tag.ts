// Looks up what a tag points to, at any registry.
import { splitRepository } from "../../image/image.ts";
import type { LookUpTag } from "../../kinds/registry.ts";
import type { RequestManifest } from "./client.ts";
import { digestOf } from "./digest.ts";
import { registryName } from "./registry-name.ts";

export function createLookUpTagDigest(requestManifest: RequestManifest): LookUpTag {
  return async ({ repository, tag }) => {
    const answer = await requestManifest("HEAD", repository, tag);
    if (answer.kind === "unreadable") return { kind: "unreadable", reason: answer.reason };
    if (answer.kind === "unknown") return answer;
    if (answer.status === 404) return { kind: "missing" };
    const digest = digestOf(answer);
    if (digest !== null) return { kind: "found", digest };
    const reason = `${registryName(splitRepository(repository).host)} returned no digest`;
    return { kind: "unknown", reason, retryAfterMs: null, wasAsked: true };
  };
}
