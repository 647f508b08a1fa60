// Looks up what a tag points to, at any registry.
import type { LookUpTag } from "../../kinds/registry.ts";
import type { RequestManifest } from "./client.ts";
import { readTagDigest } from "./digest.ts";

export function createLookUpTagDigest(requestManifest: RequestManifest): LookUpTag {
  return async ({ repository, tag }) => {
    const answer = readTagDigest(await requestManifest("HEAD", repository, tag), repository);
    switch (answer.kind) {
      case "found":
        return { kind: "found", digest: answer.digest };
      case "unreadable":
        return { kind: "unreadable", reason: answer.reason };
      default:
        return answer;
    }
  };
}
