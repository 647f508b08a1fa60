// GitLab's signature of a webhook, by the webhook's signing token: HMAC-SHA256 of its id, its time and its body, as
// Standard Webhooks defines it.
import { createHash, createHmac } from "node:crypto";
import type { Context } from "hono";
import { isOneOf } from "../is-one-of.ts";

export const signatureHeader = "webhook-signature";

/** A signed request that is older may be a repetition of one that somebody has seen. */
const maxAgeMs = 5 * 60_000;

export type GitlabSignature = { signed: string; signatures: string[]; isCurrent: boolean };

/** Null without a signature. */
export function readGitlabSignature(c: Context, now: number): GitlabSignature | null {
  const signatures = c.req.header(signatureHeader)?.split(" ");
  if (signatures === undefined) return null;
  const timestamp = c.req.header("webhook-timestamp") ?? "";
  const isCurrent = /^\d{1,12}$/.test(timestamp) && Math.abs(now - Number(timestamp) * 1_000) <= maxAgeMs;
  return { signed: `${c.req.header("webhook-id") ?? ""}.${timestamp}.`, signatures, isCurrent };
}

/** Any of the secrets may have made any of the signatures. */
export function isSignedByGitlab(
  bytes: Uint8Array,
  { signed, signatures }: GitlabSignature,
  secrets: readonly string[],
): boolean {
  const expected = secrets.map((secret) => {
    const mac = createHmac("sha256", keyOf(secret)).update(signed).update(bytes).digest("base64");
    return `v1,${mac}`;
  });
  return signatures.some((signature) => isOneOf(signature, expected));
}

/** A signing token is `whsec_` and 32 bytes in Base64. Any other secret becomes one by its SHA-256. */
function keyOf(secret: string): Buffer {
  const [, token] = /^whsec_([A-Za-z0-9+/]{43}=)$/.exec(secret) ?? [];
  return token === undefined ? createHash("sha256").update(secret).digest() : Buffer.from(token, "base64");
}
