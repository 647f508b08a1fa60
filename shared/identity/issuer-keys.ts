// The public keys of an issuer of identity tokens, as its discovery document names them. Kept for a while, because they rarely change.
import type { JSONWebKeySet } from "jose";
import * as z from "zod/mini";
import type { Send } from "../outgoing/send.ts";
import { parseJson } from "../validation/parse-json.ts";

const timeoutMs = 5_000;
const maxAgeMs = 60 * 60_000;
/** A token with an unknown key asks the issuer again, but not more often than this. */
const minAgeMs = 60_000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

export type IssuerKeys = { kind: "keys"; keys: JSONWebKeySet } | { kind: "unknown"; reason: string };
/** `isStale` asks for newer keys than those that are kept. */
export type ReadIssuerKeys = (issuer: string, isStale: boolean) => Promise<IssuerKeys>;

export function createIssuerKeys(send: Send, clock: () => number): ReadIssuerKeys {
  const known = new Map<string, { keys: JSONWebKeySet; readAt: number }>();
  const get = async (url: string) => {
    const headers = { accept: "application/json" };
    const answer = await send({ method: "GET", url, headers, timeoutMs });
    return answer.kind === "answered" && answer.status === 200 ? parseJson(answer.text) : null;
  };
  return async (issuer, isStale) => {
    const kept = known.get(issuer);
    const ageMs = kept === undefined ? Number.POSITIVE_INFINITY : clock() - kept.readAt;
    if (kept !== undefined && ageMs < (isStale ? minAgeMs : maxAgeMs))
      return { kind: "keys", keys: kept.keys };
    const document = discovery.safeParse(await get(`${issuer}/.well-known/openid-configuration`)).data;
    const isOwn =
      document?.issuer === issuer && URL.parse(document.jwks_uri)?.origin === new URL(issuer).origin;
    if (document === undefined || !isOwn) {
      return {
        kind: "unknown",
        reason: `${issuer} did not return a discovery document that names its own keys`,
      };
    }
    const keys = keySet.safeParse(await get(document.jwks_uri)).data;
    if (keys === undefined) return { kind: "unknown", reason: `${issuer} did not return its keys` };
    known.set(issuer, { keys, readAt: clock() });
    return { kind: "keys", keys };
  };
}
