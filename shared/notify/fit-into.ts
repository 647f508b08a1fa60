// Makes texts fit into what a channel takes: cut between characters, after they are escaped.

/** A link, up to what would end it in a text or in the marks that channels put around it; or one character. */
const piecePattern = /https:\/\/[^\s<>|"'`\\^{}]*[^\s<>|"'`\\^{}.,:;!?)\]]|./gsu;

/** At most so many UTF-16 units, with a mark where something is left out. `write` escapes a character or a link. */
export function fitInto(
  text: string,
  atMost: number,
  write: (piece: string) => string = (piece) => piece,
): string {
  let whole = "";
  let cut = 0;
  for (const [piece] of text.matchAll(piecePattern)) {
    const written = write(piece);
    if (whole.length + written.length > atMost) return `${whole.slice(0, cut)}…`;
    whole += written;
    // What is left out later, if anything, leaves room for its mark.
    if (whole.length < atMost) cut = whole.length;
  }
  return whole;
}

export function isLink(piece: string): boolean {
  return piece.startsWith("https://");
}

/** As many as may be, and how many there are besides. */
export function some<T>(all: readonly T[], atMost: number): { shown: readonly T[]; more: number } {
  return { shown: all.slice(0, atMost), more: Math.max(0, all.length - atMost) };
}
