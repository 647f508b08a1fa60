// A position in a text, and what both parsers need to move it: blanks, comments, signs and names.
import { SyntaxProblem } from "./syntax.ts";

export type Cursor = {
  text: string;
  at: number;
  /** Within brackets, line ends have no meaning. */
  isBracketed: boolean;
  /** Levels of nesting so far; a limit keeps the stack small. */
  depth: number;
  /** `'…'` is a text, too, as in GitHub's expressions. */
  hasSingleQuotes: boolean;
};

const maxDepth = 200;

export function startOf(text: string, hasSingleQuotes = false): Cursor {
  return { text, at: 0, isBracketed: false, depth: 0, hasSingleQuotes };
}

export function fail(cursor: Cursor, expected: string): never {
  const line = cursor.text.slice(0, cursor.at).split("\n").length;
  throw new SyntaxProblem(`expected ${expected} in line ${line}`);
}

export function match(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at;
  return pattern.exec(cursor.text)?.[0] ?? null;
}

const blanks = /(?:[ \t\r]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const blanksAndLines = /(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;

export function skipBlanks(cursor: Cursor): void {
  cursor.at += match(cursor, cursor.isBracketed ? blanksAndLines : blanks)?.length ?? 0;
}

export function skipLines(cursor: Cursor): void {
  cursor.at += match(cursor, blanksAndLines)?.length ?? 0;
}

export function isAt(cursor: Cursor, sign: string): boolean {
  skipBlanks(cursor);
  return cursor.text.startsWith(sign, cursor.at);
}

export function take(cursor: Cursor, sign: string): boolean {
  if (!isAt(cursor, sign)) return false;
  cursor.at += sign.length;
  return true;
}

export function demand(cursor: Cursor, sign: string): void {
  if (!take(cursor, sign)) fail(cursor, JSON.stringify(sign));
}

const name = /[A-Za-z_][\w-]*/y;

export function takeName(cursor: Cursor): string | null {
  skipBlanks(cursor);
  const found = match(cursor, name);
  cursor.at += found?.length ?? 0;
  return found;
}

/** A word such as `for` or `in`, which is no part of a longer name. */
export function takeWord(cursor: Cursor, word: string): boolean {
  skipBlanks(cursor);
  if (match(cursor, name) !== word) return false;
  cursor.at += word.length;
  return true;
}

/** Reads within brackets, in which line ends have no meaning. */
export function bracketed<T>(cursor: Cursor, read: () => T): T {
  const before = cursor.isBracketed;
  cursor.isBracketed = true;
  const found = nested(cursor, read);
  cursor.isBracketed = before;
  return found;
}

export function nested<T>(cursor: Cursor, read: () => T): T {
  cursor.depth += 1;
  if (cursor.depth > maxDepth) fail(cursor, `at most ${maxDepth} levels of nesting`);
  const found = read();
  cursor.depth -= 1;
  return found;
}
