// Suggests the known word that an unknown one was probably meant to be.
import { closest, distance } from "fastest-levenshtein";

/** `; did you mean "base"?`, or an empty text if no known word is close. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = meantBy(word, known);
  return meant === null ? "" : `; did you mean ${JSON.stringify(meant)}?`;
}

/** The known word that is close to this one, or null. */
export function meantBy(word: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const lower = known.map((name) => name.toLowerCase());
  const nearest = known[lower.indexOf(closest(word.toLowerCase(), lower))] ?? "";
  // Two swapped letters are a distance of two.
  const longest = Math.max(word.length, nearest.length);
  const tolerance = longest < 4 ? 1 : Math.max(2, Math.floor(longest / 3));
  return distance(word.toLowerCase(), nearest.toLowerCase()) <= tolerance ? nearest : null;
}
