// Finds a key in the index without parsing it: by bisection, since its lines are sorted.

const tab = 9;
const lineBreak = 10;

/** The text after the key and its tab; null if no line has this key. */
export function readIndex(index: Buffer, key: Buffer): string | null {
  // The line is in [low, high), both of which are beginnings of lines.
  let low = 0;
  let high = index.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const begin = middle === 0 ? 0 : index.lastIndexOf(lineBreak, middle - 1) + 1;
    const keyEnd = index.indexOf(tab, begin);
    const end = index.indexOf(lineBreak, keyEnd);
    const order = key.compare(index, begin, keyEnd);
    if (order === 0) return index.toString("utf8", keyEnd + 1, end);
    if (order < 0) high = begin;
    else low = end + 1;
  }
  return null;
}
