// Compiles a pattern with wildcards: `*` stays within a folder, `**` does not, and a leading dot is an ordinary character.
// Node's `matchesGlob` differs: its `**` does not match `images/base/.dockerignore`, and its `**.js` means one folder. A
// regular expression with several `**` can take hours on a long path; this takes at most the path's length times the
// pattern's.

type Token = {
  accepts: (character: string) => boolean;
  /** Accepts any number of characters, not just one. */
  isRepeated: boolean;
  /** Distances to the tokens that may come next without a character for this one. */
  skips: readonly number[];
};

const any: Token = { accepts: () => true, isRepeated: true, skips: [1] };
const withinFolder: Token = { accepts: (character) => character !== "/", isRepeated: true, skips: [1] };
const slash = literal("/");
/** Any number of folders: `**` and a slash, or neither. */
const folders: readonly Token[] = [{ accepts: () => false, isRepeated: false, skips: [1, 3] }, any, slash];

export function compilePattern(pattern: string): (text: string) => boolean {
  const alternatives = expandBraces(pattern).map((alternative) => ({
    // The literal beginning rules out most paths quickly.
    start: /^[^*?[]*/.exec(alternative)?.[0] ?? "",
    tokens: tokensOf(alternative),
  }));
  return (text) => alternatives.some(({ start, tokens }) => text.startsWith(start) && accept(tokens, text));
}

function expandBraces(pattern: string): string[] {
  const [braces, inner] = /\{([^{}]*)\}/.exec(pattern) ?? [];
  if (braces === undefined || inner === undefined) return [pattern];
  const [before = "", ...after] = pattern.split(braces);
  return inner.split(",").flatMap((choice) => expandBraces(`${before}${choice}${after.join(braces)}`));
}

function tokensOf(pattern: string): Token[] {
  const parts = pattern.match(/\*{2,}\/|\*{2,}|\[[^\]/\\]+\]|./gsu) ?? [];
  return parts.flatMap((part): readonly Token[] => {
    if (part.startsWith("**")) return part.endsWith("/") ? folders : [any];
    if (part === "*") return [withinFolder];
    if (part === "?") return [{ ...withinFolder, isRepeated: false, skips: [] }];
    if (part.startsWith("[") && part.length > 1) return oneOf(part);
    return [literal(part)];
  });
}

function literal(character: string): Token {
  return { accepts: (found) => found === character, isRepeated: false, skips: [] };
}

function oneOf(set: string): Token[] {
  try {
    const expression = new RegExp(set.replace(/^\[!/, "[^"), "u");
    const accepts = (character: string) => character !== "/" && expression.test(character);
    return [{ accepts, isRepeated: false, skips: [] }];
  } catch {
    // A set such as [z-a] is invalid, so it is literal text.
    return [...set].map(literal);
  }
}

/** Follows all possible readings of the text at once. */
function accept(tokens: readonly Token[], text: string): boolean {
  let places = reach(tokens, new Set([0]));
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) {
      const token = tokens[place];
      if (token?.accepts(character)) next.add(token.isRepeated ? place : place + 1);
    }
    if (next.size === 0) return false;
    places = reach(tokens, next);
  }
  return places.has(tokens.length);
}

/** Adds the places that can be reached without a character. The loop also visits places added meanwhile. */
function reach(tokens: readonly Token[], places: Set<number>): Set<number> {
  for (const place of places) for (const skip of tokens[place]?.skips ?? []) places.add(place + skip);
  return places;
}
