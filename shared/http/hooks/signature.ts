// The signatures of webhooks that sign the bytes of their body: HMAC-SHA256 in hex.
import { createHmac } from "node:crypto";
import { isOneOf } from "../is-one-of.ts";

export type SignatureHeader = { name: string; prefix: string };

export const hubSignature: SignatureHeader = { name: "X-Hub-Signature-256", prefix: "sha256=" };
export const giteaSignature: SignatureHeader = { name: "X-Gitea-Signature", prefix: "" };
/** In Bitbucket's webhooks. GitHub's own header of this name has another algorithm. */
export const bitbucketSignature: SignatureHeader = { name: "X-Hub-Signature", prefix: "sha256=" };

export const signatureProof = "the body's signature by the webhook secret";

/** `signature` is the header's text. Any of the secrets may have made it. */
export function isSigned(
  bytes: Uint8Array,
  signature: string,
  { prefix }: SignatureHeader,
  secrets: readonly string[],
): boolean {
  const expected = secrets.map(
    (secret) => `${prefix}${createHmac("sha256", secret).update(bytes).digest("hex")}`,
  );
  return isOneOf(signature, expected);
}
