// Suggests the known word that an unknown one was probably meant to be.
import { closest, distance } from "fastest-levenshtein";

/** `; did you mean "base"?`, or an empty text if no known word is close. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const lower = known.map((name) => name.toLowerCase());
  const nearest = known[lower.indexOf(closest(word.toLowerCase(), lower))] ?? "";
  // Two swapped letters are a distance of two.
  const longest = Math.max(word.length, nearest.length);
  const tolerance = longest < 4 ? 1 : Math.max(2, Math.floor(longest / 3));
  return distance(word.toLowerCase(), nearest.toLowerCase()) <= tolerance
    ? `; did you mean ${JSON.stringify(nearest)}?`
    : "";
}
