// Measures how well a tag fits a build: `10.0.11-alpine3.23` fits the folder 10.0/alpine3.23.

/** `8.2-fpm_alpine` → 8.2, fpm, alpine. `latest` tells nothing. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9.]+/)
    .map((word) => word.replace(/^\.+|\.+$/g, "").replace(/^v(?=\d)/, ""))
    .filter((word) => word !== "" && word !== "latest");
}

/** From 0 to 1. A version fits a longer or shorter form of it, and `alpine` fits `alpine3.23` half. */
function similarity(wanted: string, word: string): number {
  if (wanted === word) return 1;
  const [longer, shorter] = wanted.length > word.length ? [wanted, word] : [word, wanted];
  if (isDigit(wanted) && isDigit(word))
    return longer[shorter.length] === "." && longer.startsWith(shorter) ? 0.9 : 0;
  if (wanted[0] !== word[0]) return 0;
  const letters = lettersOf(wanted);
  return letters !== "" && letters === lettersOf(word) ? 0.5 : 0;
}

function isDigit(word: string): boolean {
  const code = word.charCodeAt(0);
  return code >= 48 && code <= 57;
}

function lettersOf(word: string): string {
  return word.replace(/[\d.]+$/, "");
}

export type Fit = {
  /** The share of the wanted words that the build has. */
  coverage: number;
  /** How many words of its tag the build has beyond them. */
  extra: number;
};

/** `tag` are the words of the build's tag; `others` tell of it, too, but are no part of its name. */
export function fitOf(wanted: readonly string[], tag: readonly string[], others: ReadonlySet<string>): Fit {
  let covered = 0;
  for (const word of wanted) covered += others.has(word) ? 1 : Math.max(best(word, tag), best(word, others));
  const extra = tag.filter((word) => best(word, wanted) < 0.5).length;
  return { coverage: wanted.length === 0 ? 1 : covered / wanted.length, extra };
}

function best(word: string, words: Iterable<string>): number {
  let most = 0;
  for (const candidate of words) most = Math.max(most, similarity(word, candidate));
  return most;
}

export function isBetter(left: Fit, right: Fit): boolean {
  const difference = left.coverage - right.coverage;
  return Math.abs(difference) > 1e-9 ? difference > 0 : left.extra < right.extra;
}
