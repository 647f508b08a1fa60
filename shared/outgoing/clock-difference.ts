// Estimates from an answer's `Date` header how far another machine's clock is ahead of this one's.

/**
 * The answer was dated between sending and receiving. A date within that time shows no difference, and neither does one
 * that is off by less than the header's precision of a second and a second of transmission.
 */
export function clockDifferenceMs(
  sentAt: number,
  receivedAt: number,
  date: string | null | undefined,
): number {
  const dated = Date.parse(date ?? "");
  if (Number.isNaN(dated)) return 0;
  if (dated >= sentAt - 2_000 && dated <= receivedAt + 1_000) return 0;
  return dated + 500 - (sentAt + receivedAt) / 2;
}
