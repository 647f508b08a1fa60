// Asks Docker Hub's tag API whether a tag has been pushed since an instant.
import * as z from "zod";
import type { TagAnswer } from "../core/event.ts";
import type { Image } from "../core/image.ts";
import { type Origins, withOrigin } from "../outgoing/origins.ts";
import { readRetryAfter } from "../outgoing/retry-after.ts";
import type { Send } from "../outgoing/send.ts";

export type LookUpTag = (image: Image, sinceMs: number) => Promise<TagAnswer>;

const tagDocument = z.object({
  tag_last_pushed: z.string().nullish(),
  last_updated: z.string().nullish(),
});

export function createLookUpTag(send: Send, origins: Origins, clock: () => number): LookUpTag {
  return async ({ repository, tag }, sinceMs) => {
    const [namespace, name] = repository.split("/").map(encodeURIComponent);
    const address = `https://hub.docker.com/v2/namespaces/${namespace}/repositories/${name}/tags/${encodeURIComponent(tag)}`;
    const url = withOrigin(address, origins) ?? address;
    const answer = await send({
      method: "GET",
      url,
      headers: { accept: "application/json" },
      timeoutMs: 10_000,
    });
    if (answer.kind !== "answered") return { kind: "unknown", reason: answer.reason, retryAfterMs: null };
    if (answer.status === 404) return { kind: "notPushed" };
    if (answer.status === 200) return readTag(answer.text, sinceMs);
    const retryAfterMs = readRetryAfter(answer.header("retry-after"), clock());
    return {
      kind: "unknown",
      reason: `Docker Hub answered ${answer.status}`,
      retryAfterMs,
    };
  };
}

function readTag(text: string, sinceMs: number): TagAnswer {
  const unknown: TagAnswer = {
    kind: "unknown",
    reason: "Docker Hub did not tell when the tag was pushed",
    retryAfterMs: null,
  };
  try {
    const { tag_last_pushed, last_updated } = tagDocument.parse(JSON.parse(text));
    const pushedAt = Date.parse(tag_last_pushed ?? last_updated ?? "");
    if (Number.isNaN(pushedAt)) return unknown;
    // Some of these instants come in whole seconds.
    return {
      kind: pushedAt >= Math.floor(sinceMs / 1000) * 1000 ? "pushed" : "notPushed",
    };
  } catch {
    return unknown;
  }
}
