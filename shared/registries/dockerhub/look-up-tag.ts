// Looks up in Docker Hub's tag API when a tag was last pushed.
import * as z from "zod/mini";
import type { LookUpTag, TagAnswer } from "../../kinds/registry.ts";
import { clockDifferenceMs } from "../../outgoing/clock-difference.ts";
import { replaceKnownHost } from "../../outgoing/origins.ts";
import { readRetryAfter } from "../../outgoing/retry-after.ts";
import type { Answer } from "../../outgoing/send.ts";
import { parseJson } from "../../validation/parse-json.ts";
import type { RegistryPorts } from "../oci/authorize.ts";
import { isDigest } from "../oci/digest.ts";
import { createReadToken } from "./read-token.ts";

const tagDocument = z.object({
  tag_last_pushed: z.nullish(z.string()),
  last_updated: z.nullish(z.string()),
  digest: z.nullish(z.string()),
});

/** An unreadable repository is not looked up again for this long, however many of its webhooks arrive. */
const unreadableMs = 60_000;

export function createLookUpTag(ports: RegistryPorts): LookUpTag {
  const { send, origins, clock } = ports;
  const unreadable = new Map<string, { untilMs: number; answer: TagAnswer }>();
  const readToken = createReadToken(ports);

  const get = async (path: string): Promise<Answer> => {
    const url = new URL(`https://hub.docker.com/v2/namespaces/${path}`);
    const token = await readToken();
    return send({
      method: "GET",
      url: replaceKnownHost(url, origins),
      headers: {
        accept: "application/json",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      timeoutMs: 10_000,
    });
  };

  return async ({ repository, tag }) => {
    const known = unreadable.get(repository);
    if (known !== undefined && known.untilMs > clock()) return known.answer;
    const [namespace = "", name = ""] = repository.split("/").map(encodeURIComponent);
    const path = `${namespace}/repositories/${name}`;
    const sentAt = clock();
    let answer = await get(`${path}/tags/${encodeURIComponent(tag)}`);
    const isMissing = answer.kind === "answered" && answer.status === 404;
    // Docker Hub's answer is the same for a missing tag and for a private repository.
    if (isMissing) answer = await get(path);
    const tagAnswer = readAnswer(answer, isMissing, sentAt, clock());
    if (tagAnswer.kind === "unreadable")
      unreadable.set(repository, { untilMs: clock() + unreadableMs, answer: tagAnswer });
    else unreadable.delete(repository);
    return tagAnswer;
  };
}

function readAnswer(answer: Answer, isMissing: boolean, sentAt: number, now: number): TagAnswer {
  if (answer.kind !== "answered") {
    // If Docker Hub has answered for the tag, a request has left this machine.
    const requestSent = isMissing || answer.kind === "unanswered";
    return { kind: "unknown", reason: answer.reason, retryAfterMs: null, requestSent };
  }
  const { status, text, header } = answer;
  if (status === 200 && isMissing) return { kind: "missing" };
  if (status === 200) return readTag(text, clockDifferenceMs(sentAt, now, header("date")));
  const reason = `Docker Hub answered ${status}`;
  if (status === 401 || status === 403 || status === 404) return { kind: "unreadable", reason };
  const retryAfterMs = readRetryAfter(header("retry-after"), now);
  return { kind: "unknown", reason, retryAfterMs, requestSent: true };
}

function readTag(text: string, differenceMs: number): TagAnswer {
  const reason = "Docker Hub did not report when the tag was pushed";
  const document = parseJson(text);
  // Perhaps the answer was cut off; retrying may help.
  if (document === undefined) return { kind: "unknown", reason, retryAfterMs: null, requestSent: true };
  const { data } = tagDocument.safeParse(document);
  const hubAt = Date.parse(data?.tag_last_pushed ?? data?.last_updated ?? "");
  return Number.isNaN(hubAt)
    ? { kind: "unreadable", reason }
    : {
        kind: "pushed",
        at: hubAt - differenceMs,
        hubAt,
        ...(isDigest(data?.digest) ? { digest: data.digest } : {}),
      };
}
