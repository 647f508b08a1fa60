// How long to wait before a retry: exponential with jitter, and at least what `Retry-After` asks for.

const firstMs = 5_000;
const maxMs = 5 * 60_000;
const maxRetryAfterMs = 60 * 60_000;

/** `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number, retryAfterMs: number | null): number {
  const doublings = 2 ** Math.max(0, attempt - 1);
  if (retryAfterMs !== null) {
    // `Retry-After: 0` would hammer the server, so enforce a minimum.
    const minMs = Math.min(1_000 * doublings, maxMs);
    return Math.max(Math.min(retryAfterMs, maxRetryAfterMs), minMs) + Math.round(random * 1_000);
  }
  return Math.round((Math.min(firstMs * doublings, maxMs) * (1 + random)) / 2);
}
