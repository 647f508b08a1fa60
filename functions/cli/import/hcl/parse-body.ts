// Parses a file of HCL: attributes (`name = value`) and blocks (`type "label" { … }`).
import {
  type Cursor,
  demand,
  fail,
  match,
  nested,
  skipBlanks,
  skipLines,
  startOf,
  take,
  takeName,
} from "./cursor.ts";
import { parseExpression, parseWhole } from "./parse-expression.ts";
import { parseQuoted } from "./parse-template.ts";
import type { Block, Body } from "./syntax.ts";

export function parseFile(text: string): Body {
  return parseBody(startOf(text.replace(/^\uFEFF/, "")), null);
}

/** Up to `end`, or to the end of the file. */
function parseBody(cursor: Cursor, end: string | null): Body {
  const body: Body = { attributes: new Map(), blocks: [] };
  for (;;) {
    skipLines(cursor);
    if (end === null ? cursor.at >= cursor.text.length : take(cursor, end)) return body;
    const name = nameOf(cursor) ?? fail(cursor, "a name");
    skipBlanks(cursor);
    if (take(cursor, "=")) {
      body.attributes.set(name, parseExpression(cursor));
      skipBlanks(cursor);
      const isEnded = cursor.at >= cursor.text.length || match(cursor, /[\n,]/y) !== null;
      if (!isEnded && cursor.text[cursor.at] !== end) fail(cursor, "the end of a line");
      take(cursor, ",");
    } else body.blocks.push(nested(cursor, () => parseBlock(cursor, name)));
  }
}

function parseBlock(cursor: Cursor, type: string): Block {
  const labels: string[] = [];
  for (let label = nameOf(cursor); label !== null; label = nameOf(cursor)) labels.push(label);
  demand(cursor, "{");
  return { type, labels, body: parseBody(cursor, "}") };
}

function nameOf(cursor: Cursor): string | null {
  skipBlanks(cursor);
  if (cursor.text[cursor.at] !== '"') return takeName(cursor);
  const label = parseQuoted(cursor, parseWhole);
  return label.kind === "literal" ? String(label.value) : null;
}
