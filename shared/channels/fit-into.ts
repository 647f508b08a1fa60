// Shortens texts to what a channel accepts. They are cut between characters, after escaping.

/** A link, without any punctuation or mark-up after it; or one character. */
const piecePattern = /https:\/\/[^\s<>|"'`\\^{}]*[^\s<>|"'`\\^{}.,:;!?)\]]|./gsu;

/** `maxLength` counts UTF-16 units and includes the ellipsis. `write` escapes a character or a link. */
export function fitInto(
  text: string,
  maxLength: number,
  write: (piece: string) => string = (piece) => piece,
): string {
  let whole = "";
  let cut = 0;
  for (const [piece] of text.matchAll(piecePattern)) {
    const written = write(piece);
    if (whole.length + written.length > maxLength) return `${whole.slice(0, cut)}…`;
    whole += written;
    // A cut here leaves room for the ellipsis.
    if (whole.length < maxLength) cut = whole.length;
  }
  return whole;
}

export function isLink(piece: string): boolean {
  return piece.startsWith("https://");
}

/** The first items, and how many others there are; `leftOut` of them are not in the list. */
export function firstOf<T>(
  list: readonly T[],
  max: number,
  leftOut: number,
): { shown: readonly T[]; more: number } {
  return { shown: list.slice(0, max), more: Math.max(0, list.length - max) + leftOut };
}
