// Reads the `Retry-After` header: seconds, or a date.

/** Milliseconds to wait, or null where the header is missing or says nothing. */
export function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}(?:\.\d+)?$/.test(value.trim())) return Math.ceil(Number(value) * 1000);
  const date = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
