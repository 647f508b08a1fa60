// How far another machine's clock is from this one, as its answer's `Date` header shows.

/**
 * The time between sending and receiving is when the answer was dated; a date within it, or off by no more than the
 * second that the header leaves out and a second for its transmission, shows no difference.
 */
export function clockDifferenceMs(
  sentAt: number,
  receivedAt: number,
  date: string | null | undefined,
): number {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return 0;
  if (theirs >= sentAt - 2_000 && theirs <= receivedAt + 1_000) return 0;
  return theirs + 500 - (sentAt + receivedAt) / 2;
}
