// Compares secrets in a time that tells nothing about them.
import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Every accepted secret is looked at, also after one has matched. */
export function isOneOf(given: string, accepted: readonly string[]): boolean {
  const hash = digest(given);
  return accepted.map((secret) => timingSafeEqual(hash, digest(secret))).includes(true);
}
