// Reads the JSON body of a webhook, or says why it is refused.
import type { Context } from "hono";
import { type Bytes, type JsonBody, readJson } from "../read-body.ts";
import type { ReadLimited } from "./limit-large-bodies.ts";
import type { Refusal } from "./refuse.ts";

export type HookBody = { kind: "value"; value: unknown } | { kind: "refused"; refusal: Refusal };

export const mib = 1024 * 1024;

export const notJson: Refusal = { status: 415, reason: "expected the content type application/json" };

export function isJson(c: Context): boolean {
  return /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(c.req.header("content-type") ?? "");
}

export async function readHookBody(c: Context, maxMib: number): Promise<HookBody> {
  if (!isJson(c)) return { kind: "refused", refusal: notJson };
  return toHookBody(await readJson(c.req.raw, maxMib * mib), maxMib);
}

export type SignedBody = { kind: "bytes"; bytes: Uint8Array } | { kind: "refused"; refusal: Refusal };

/** A signature covers the bytes of the whole body, which has to be read before its sender is known. */
export async function readSignedBody(c: Context, read: ReadLimited, maxMib: number): Promise<SignedBody> {
  const sent = await read(c);
  if (sent.kind === "bytes") return sent;
  if (sent.kind !== "busy") return { kind: "refused", refusal: refusalOf(sent, maxMib) };
  const reason = "too many large requests at once; try again in a few seconds";
  return { kind: "refused", refusal: { status: 503, reason, headers: { "retry-after": "5" } } };
}

type UnusableBody = Exclude<JsonBody, { kind: "json" }> | Exclude<Bytes, { kind: "bytes" }>;

export function toHookBody(body: JsonBody | UnusableBody, maxMib: number): HookBody {
  if (body.kind === "json") return { kind: "value", value: body.value };
  return { kind: "refused", refusal: refusalOf(body, maxMib) };
}

export function refusalOf(body: UnusableBody, maxMib: number): Refusal {
  switch (body.kind) {
    case "tooLarge":
      return { status: 413, reason: `expected a body of at most ${maxMib} MiB` };
    case "empty":
      return { status: 400, reason: "expected a JSON body, found none" };
    case "invalid":
      return { status: 400, reason: body.reason };
  }
}
