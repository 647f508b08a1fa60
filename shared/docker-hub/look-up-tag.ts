// Asks Docker Hub's tag API when a tag was pushed last.
import * as z from "zod/mini";
import type { TagAnswer } from "../core/event.ts";
import type { Image } from "../core/image.ts";
import { clockDifferenceMs } from "../outgoing/clock-difference.ts";
import { type Origins, withOrigin } from "../outgoing/origins.ts";
import { readRetryAfter } from "../outgoing/retry-after.ts";
import type { Answer, Send } from "../outgoing/send.ts";

export type LookUpTag = (image: Image) => Promise<TagAnswer>;

const tagDocument = z.object({
  tag_last_pushed: z.nullish(z.string()),
  last_updated: z.nullish(z.string()),
});

/** A repository that cannot be read is left alone for a while: its webhooks come again and again. */
const unreadableMs = 60_000;

export function createLookUpTag(send: Send, origins: Origins, clock: () => number): LookUpTag {
  const unreadable = new Map<string, { untilMs: number; answer: TagAnswer }>();

  const ask = (path: string): Promise<Answer> => {
    const address = `https://hub.docker.com/v2/namespaces/${path}`;
    return send({
      method: "GET",
      url: withOrigin(address, origins) ?? address,
      headers: { accept: "application/json" },
      timeoutMs: 10_000,
    });
  };

  return async ({ repository, tag }) => {
    const known = unreadable.get(repository);
    if (known !== undefined && known.untilMs > clock()) return known.answer;
    const [namespace = "", name = ""] = repository.split("/").map(encodeURIComponent);
    const path = `${namespace}/repositories/${name}`;
    const sentAt = clock();
    let answer = await ask(`${path}/tags/${encodeURIComponent(tag)}`);
    const isMissing = answer.kind === "answered" && answer.status === 404;
    // A tag that is missing and a repository that is private are told the same.
    if (isMissing) answer = await ask(path);
    const told = readAnswer(answer, isMissing, sentAt, clock());
    if (told.kind === "unreadable")
      unreadable.set(repository, { untilMs: clock() + unreadableMs, answer: told });
    else unreadable.delete(repository);
    return told;
  };
}

function readAnswer(answer: Answer, isMissing: boolean, sentAt: number, now: number): TagAnswer {
  if (answer.kind !== "answered") {
    // Docker Hub that has answered for the tag can be asked.
    const wasAsked = isMissing || answer.kind === "unanswered";
    return { kind: "unknown", reason: answer.reason, retryAfterMs: null, wasAsked };
  }
  const { status, text, header } = answer;
  if (status === 200 && isMissing) return { kind: "missing" };
  if (status === 200) return readTag(text, clockDifferenceMs(sentAt, now, header("date")));
  const reason = `Docker Hub answered ${status}`;
  if (status === 401 || status === 403 || status === 404) return { kind: "unreadable", reason };
  const retryAfterMs = readRetryAfter(header("retry-after"), now);
  return { kind: "unknown", reason, retryAfterMs, wasAsked: true };
}

function readTag(text: string, differenceMs: number): TagAnswer {
  const reason = "Docker Hub did not tell when the tag was pushed";
  const document = parseJson(text);
  // An answer that broke off is worth another try.
  if (document === undefined) return { kind: "unknown", reason, retryAfterMs: null, wasAsked: true };
  const { data } = tagDocument.safeParse(document);
  const hubAt = Date.parse(data?.tag_last_pushed ?? data?.last_updated ?? "");
  return Number.isNaN(hubAt)
    ? { kind: "unreadable", reason }
    : { kind: "pushed", at: hubAt - differenceMs, hubAt };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
