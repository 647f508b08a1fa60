// Parses the texts of HCL: quoted ones, heredocs, and `${…}` within both.
import { type Cursor, fail, match, startOf } from "./cursor.ts";
import type { Expression } from "./syntax.ts";

/** Parses the expression within `${…}`. It is given, as expressions have texts in them in turn. */
export type ParseInner = (cursor: Cursor) => Expression;

/** From the opening quote to the closing one. */
export function parseQuoted(cursor: Cursor, parseInner: ParseInner): Expression {
  const quote = cursor.text[cursor.at];
  const end = quote === "'" ? endOfSingle(cursor) : endOfQuoted(cursor.text, cursor.at + 1);
  if (end === -1) fail(cursor, "the end of a text");
  const inner = cursor.text.slice(cursor.at + 1, end);
  const depth = cursor.depth;
  cursor.at = end + 1;
  if (quote === "'") return { kind: "literal", value: inner.replaceAll("''", "'") };
  return parseTemplate(inner, depth, parseInner, readEscapes);
}

/** `<<EOT`, or `<<-EOT` for text that is indented. */
export function parseHeredoc(cursor: Cursor, parseInner: ParseInner): Expression {
  const opening = match(cursor, /<<-?[\w.-]+[ \t]*\r?\n/y);
  const [, dash, word] = /^<<(-?)([\w.-]+)/.exec(opening ?? "") ?? [];
  if (opening === null || word === undefined) fail(cursor, "a heredoc such as <<EOT");
  const lines: string[] = [];
  let at = cursor.at + opening.length;
  for (;;) {
    if (at >= cursor.text.length) fail(cursor, `the end of a heredoc, ${word}`);
    const lineEnd = cursor.text.indexOf("\n", at);
    const line = cursor.text.slice(at, lineEnd === -1 ? undefined : lineEnd);
    at = lineEnd === -1 ? cursor.text.length : lineEnd;
    if (line.trim() === word) break;
    lines.push(line);
    at += 1;
  }
  cursor.at = at;
  const margin = dash === "-" ? Math.min(...lines.filter((line) => line.trim() !== "").map(marginOf)) : 0;
  const text = lines.map((line) => `${line.slice(Number.isFinite(margin) ? margin : 0)}\n`).join("");
  return parseTemplate(text, cursor.depth, parseInner);
}

function marginOf(line: string): number {
  return /^[ \t]*/.exec(line)?.[0].length ?? 0;
}

/** A text without its quotes. */
export function parseTemplate(
  text: string,
  depth: number,
  parseInner: ParseInner,
  write: (plain: string) => string = (plain) => plain,
): Expression {
  const parts: Expression[] = [];
  let plain = "";
  const endPlain = () => {
    if (plain !== "") parts.push({ kind: "literal", value: write(plain) });
    plain = "";
  };
  for (let at = 0; at < text.length; at += 1) {
    // `$${` is not an opening, but stands for `${`.
    const isEscaped = /^(?:\$\$|%%)\{$/.test(text.slice(at, at + 3));
    const isOpening = !isEscaped && /^[$%]\{$/.test(text.slice(at, at + 2));
    if (isEscaped) at += 1;
    if (!isOpening) {
      plain += text[at] ?? "";
      continue;
    }
    const end = endOfBraces(text, at + 2);
    const inner = text.slice(at + 2, end === -1 ? undefined : end).replace(/^~|~$/g, "");
    const cursor = { ...startOf(inner), depth: depth + 1, isBracketed: true };
    if (end === -1) fail(cursor, "a closing brace of ${");
    if (text[at] === "%") fail(cursor, "no %{…} directives (they cannot be read here)");
    endPlain();
    parts.push(parseInner(cursor));
    at = end;
  }
  endPlain();
  const [only, ...others] = parts;
  if (only === undefined) return { kind: "literal", value: "" };
  // As in HCL, "${x}" alone is x itself, which need not be text.
  return others.length === 0 ? only : { kind: "template", parts };
}

function endOfSingle(cursor: Cursor): number {
  const found = match(cursor, /'(?:[^']|'')*'/y);
  return found === null ? -1 : cursor.at + found.length - 1;
}

function endOfQuoted(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === "\\") at += 1;
    else if (character === '"') return at;
    else if (character === "\n") return -1;
    else if ((character === "$" || character === "%") && text[at + 1] === "{") {
      if (text[at - 1] === character) continue;
      const end = endOfBraces(text, at + 2);
      if (end === -1) return -1;
      at = end;
    }
  }
  return -1;
}

/** The brace that closes `${`, past texts and braces within it. */
function endOfBraces(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfQuoted(text, at + 1);
      if (end === -1) return -1;
      at = end;
    } else if (character === "{") open += 1;
    else if (character === "}") {
      open -= 1;
      if (open === 0) return at;
    }
  }
  return -1;
}

const escapes = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function readEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_whole, code: string | undefined, letter: string) =>
    code === undefined ? (escapes.get(letter) ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
