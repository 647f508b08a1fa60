// What the webhooks have in common: by which secrets they are known, how they are refused, read and answered.
import type { Context } from "hono";
import type { Outcome } from "../core/event.ts";
import type { Relay } from "../relay/relay.ts";
import { problem } from "./problem.ts";
import { type Bytes, type JsonBody, readJson } from "./read-json.ts";

/** More than one secret is accepted while one takes the place of another. */
export type ReadWebhookSecrets = (which: "current" | "previous") => Promise<readonly string[]>;

/** The one that is about to go is read for those alone who do not know the current one. */
export async function knowsSecret(
  readSecrets: ReadWebhookSecrets,
  knows: (secrets: readonly string[]) => boolean,
): Promise<boolean> {
  return knows(await readSecrets("current")) || knows(await readSecrets("previous"));
}

export type Refusal = {
  status: 400 | 401 | 404 | 413 | 415 | 503;
  reason: string;
  /** What is answered, where that is less than what is logged. */
  detail?: string;
  headers?: Record<string, string>;
};

export function refuse(
  c: Context,
  relay: Relay,
  { status, reason, detail = reason, headers = {} }: Refusal,
): Response {
  relay.log("warn", { event: "webhook.refused", status, reason });
  return problem(c, status, detail, headers);
}

/** A secret that whoever knows it has to show in a header. */
export function refuseUnproven(c: Context, relay: Relay, header: string, made: string): Response {
  const found = c.req.header(header) === undefined ? "none" : "another";
  return refuse(c, relay, {
    status: 401,
    reason: `expected the header ${header}, ${made}, found ${found}`,
    headers: { "www-authenticate": header },
  });
}

export function isJson(c: Context): boolean {
  return /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(c.req.header("content-type") ?? "");
}

export type HookBody = { kind: "value"; value: unknown } | { kind: "refused"; refusal: Refusal };

export async function readHookBody(c: Context, atMostMib: number): Promise<HookBody> {
  if (!isJson(c)) return refused(415, "expected the content type application/json");
  return hookBodyOf(await readJson(c.req.raw, atMostMib * mib), atMostMib);
}

export const mib = 1024 * 1024;

export function hookBodyOf(body: JsonBody | Exclude<Bytes, { kind: "bytes" }>, atMostMib: number): HookBody {
  switch (body.kind) {
    case "json":
      return { kind: "value", value: body.value };
    case "tooLarge":
      return refused(413, `expected a body of at most ${atMostMib} MiB`);
    case "empty":
      return refused(400, "expected a body of JSON, found none");
    case "notJson":
      return refused(400, body.reason);
  }
}

function refused(status: Refusal["status"], reason: string): HookBody {
  return { kind: "refused", refusal: { status, reason } };
}

/** Several pipelines may be meant: what was moved counts. */
export function answerOf<Result extends { outcome: Outcome }>(
  results: readonly Result[],
  reasonForNone: string,
) {
  const pipelines = results.map(({ outcome: { kind, ...reason }, ...about }) => ({
    ...about,
    outcome: kind,
    ...reason,
  }));
  const told =
    results.find(({ outcome }) => outcome.kind === "advanced") ??
    results.find(({ outcome }) => outcome.kind === "duplicate") ??
    results[0];
  const { kind, ...reason } = told?.outcome ?? { kind: "ignored", reason: reasonForNone };
  return { outcome: kind, ...reason, pipelines };
}
