// Compares secrets in constant time, so that response times reveal nothing about them.
import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Compares with every accepted secret, even after a match. */
export function isOneOf(given: string, accepted: readonly string[]): boolean {
  const hash = digest(given);
  return accepted.map((secret) => timingSafeEqual(hash, digest(secret))).includes(true);
}
