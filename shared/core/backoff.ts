// How long to wait before something is tried again: ever longer, with jitter, never less than was asked for.

const firstMs = 5_000;
const longestMs = 5 * 60_000;
const longestAskedMs = 60 * 60_000;

/** `random` is in [0, 1); `retryAfterMs` is what the other side asked for, or null. */
export function backoffMs(attempt: number, random: number, retryAfterMs: number | null): number {
  if (retryAfterMs !== null) {
    // Who asks for no wait at all, again and again, is not believed.
    const leastMs = Math.min(1_000 * 2 ** Math.max(0, attempt - 1), longestMs);
    return Math.max(Math.min(retryAfterMs, longestAskedMs), leastMs) + Math.round(random * 1_000);
  }
  const wholeMs = Math.min(firstMs * 2 ** Math.max(0, attempt - 1), longestMs);
  return Math.round((wholeMs * (1 + random)) / 2);
}
