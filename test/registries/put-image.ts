// Puts images together by hand, from blobs and manifests, as `docker buildx` does.
import { createHash } from "node:crypto";
import { expect } from "vitest";

export const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export async function uploadBlob(host: string, repository: string, text: string) {
  const begun = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const url = new URL(begun.headers.get("location") ?? "", `http://${host}`);
  url.searchParams.set("digest", digestOf(text));
  expect((await fetch(url, { method: "PUT", body: text })).status).toBe(201);
  return { digest: digestOf(text), size: text.length };
}

/** `reference` is a tag, or the digest of the text. */
export async function putManifest(
  host: string,
  repository: string,
  reference: string,
  { type, text }: { type: string; text: string },
): Promise<void> {
  const url = `http://${host}/v2/${repository}/manifests/${reference}`;
  const response = await fetch(url, { method: "PUT", headers: { "content-type": type }, body: text });
  expect(response.status).toBe(201);
}
