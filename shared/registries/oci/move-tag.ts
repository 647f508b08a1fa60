// Points a tag to another image of its repository, byte by byte as it was pushed, so that an index keeps all its platforms.
import { createHash } from "node:crypto";
import { shortDigest } from "../../evidence/evidence.ts";
import { imageName } from "../../image/image.ts";
import type { MoveTag } from "../../kinds/registry.ts";
import type { RegistryClient } from "./client.ts";

export function createMoveTag({ requestManifest, putManifest }: RegistryClient): MoveTag {
  return async (image, digest) => {
    const failed = (reason: string, isTemporary = false) =>
      ({ kind: "failed", reason, isTemporary }) as const;
    const read = await requestManifest("GET", image.repository, digest);
    if (read.kind !== "answered") return failed(read.reason, read.kind === "unknown");
    const type = read.header("content-type");
    if (read.status !== 200 || type === null) {
      return failed(`${image.repository}@${shortDigest(digest)} is not at its registry any more`);
    }
    if (digestOf(read.text) !== digest) {
      return failed(`the registry returned another manifest than ${shortDigest(digest)}`);
    }
    const put = await putManifest(image.repository, image.tag, { type, text: read.text });
    if (put.kind !== "answered") {
      return failed(`${put.reason} to the push of ${imageName(image)}`, put.kind === "unknown");
    }
    return put.status === 404 ? failed(`the registry does not know ${image.repository}`) : { kind: "moved" };
  };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
