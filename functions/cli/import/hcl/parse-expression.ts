// Parses an expression of HCL, or of a GitHub workflow.
import {
  bracketed,
  type Cursor,
  demand,
  fail,
  isAt,
  match,
  nested,
  skipBlanks,
  startOf,
  take,
  takeName,
  takeWord,
} from "./cursor.ts";
import { parseHeredoc, parseQuoted } from "./parse-template.ts";
import type { Expression, Loop } from "./syntax.ts";

export function parseText(text: string, hasSingleQuotes = false): Expression {
  return parseWhole({ ...startOf(text, hasSingleQuotes), isBracketed: true });
}

/** Nothing may follow the expression. */
export function parseWhole(cursor: Cursor): Expression {
  const found = parseExpression(cursor);
  skipBlanks(cursor);
  if (cursor.at < cursor.text.length) fail(cursor, "the end of an expression");
  return found;
}

export function parseExpression(cursor: Cursor): Expression {
  return nested(cursor, () => {
    const condition = parseBinary(cursor, 0);
    if (!take(cursor, "?")) return condition;
    const yes = bracketed(cursor, () => parseExpression(cursor));
    demand(cursor, ":");
    return { kind: "conditional", condition, yes, no: parseExpression(cursor) };
  });
}

/** From the weakest to the strongest. */
const operators = [["||"], ["&&"], ["==", "!="], ["<=", ">=", "<", ">"], ["+", "-"], ["*", "/", "%"]];

function parseBinary(cursor: Cursor, level: number): Expression {
  const signs = operators[level];
  if (signs === undefined) return parseUnary(cursor);
  let left = parseBinary(cursor, level + 1);
  for (;;) {
    const operator = signs.find((sign) => isAt(cursor, sign));
    if (operator === undefined) return left;
    cursor.at += operator.length;
    const right = parseBinary(cursor, level + 1);
    left = { kind: "binary", operator, left, right };
  }
}

function parseUnary(cursor: Cursor): Expression {
  for (const operator of ["!", "-"] as const) {
    if (isAt(cursor, operator) && !isAt(cursor, "!=")) {
      cursor.at += 1;
      return { kind: "unary", operator, of: nested(cursor, () => parseUnary(cursor)) };
    }
  }
  return parseMembers(cursor, parseSingle(cursor));
}

/** `.name`, `[key]`, `[*].name` and `.*.name` */
function parseMembers(cursor: Cursor, start: Expression): Expression {
  let of = start;
  for (;;) {
    const isSplat = match(cursor, /\[\s*\*\s*\]|\.\*/y);
    if (isSplat !== null) {
      cursor.at += isSplat.length;
      const path: Expression[] = [];
      for (let key = parseKey(cursor); key !== null; key = parseKey(cursor)) path.push(key);
      of = { kind: "splat", of, path };
      continue;
    }
    const key = parseKey(cursor);
    if (key === null) return of;
    of = { kind: "member", of, key };
  }
}

function parseKey(cursor: Cursor): Expression | null {
  const name = match(cursor, /\.(?:[A-Za-z_][\w-]*|\d+)/y);
  if (name !== null) {
    cursor.at += name.length;
    return { kind: "literal", value: name.slice(1) };
  }
  if (cursor.text[cursor.at] !== "[" || match(cursor, /\[\s*\*/y) !== null) return null;
  cursor.at += 1;
  return bracketed(cursor, () => {
    const key = parseExpression(cursor);
    demand(cursor, "]");
    return key;
  });
}

const words = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function parseSingle(cursor: Cursor): Expression {
  skipBlanks(cursor);
  const character = cursor.text[cursor.at];
  if (character === '"' || (character === "'" && cursor.hasSingleQuotes))
    return parseQuoted(cursor, parseWhole);
  if (cursor.text.startsWith("<<", cursor.at)) return parseHeredoc(cursor, parseWhole);
  if (take(cursor, "(")) return bracketed(cursor, () => closed(cursor, parseExpression(cursor), ")"));
  if (take(cursor, "[")) return bracketed(cursor, () => parseList(cursor));
  if (take(cursor, "{")) return bracketed(cursor, () => parseMap(cursor));
  const number = match(cursor, /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
  if (number !== null) {
    cursor.at += number.length;
    return { kind: "literal", value: Number(number) };
  }
  const name = takeName(cursor) ?? fail(cursor, "a value");
  if (take(cursor, "(")) return bracketed(cursor, () => parseCall(cursor, name));
  const word = words.get(name);
  return word === undefined ? { kind: "name", name } : { kind: "literal", value: word };
}

function closed(cursor: Cursor, found: Expression, sign: string): Expression {
  demand(cursor, sign);
  return found;
}

function parseCall(cursor: Cursor, name: string): Expression {
  const args: Expression[] = [];
  let isSpread = false;
  while (!take(cursor, ")")) {
    args.push(parseExpression(cursor));
    isSpread = take(cursor, "...");
    if (!take(cursor, ",") && !isAt(cursor, ")")) fail(cursor, 'a comma or ")"');
  }
  return { kind: "call", name, args, isSpread };
}

function parseList(cursor: Cursor): Expression {
  if (takeWord(cursor, "for")) return { kind: "for", loop: parseFor(cursor, "]") };
  const items: Expression[] = [];
  while (!take(cursor, "]")) {
    items.push(parseExpression(cursor));
    if (!take(cursor, ",") && !isAt(cursor, "]")) fail(cursor, 'a comma or "]"');
  }
  return { kind: "list", items };
}

/** Entries end with a comma or a line. */
function parseMap(cursor: Cursor): Expression {
  if (takeWord(cursor, "for")) return { kind: "for", loop: parseFor(cursor, "}") };
  const entries: [Expression, Expression][] = [];
  while (!take(cursor, "}")) {
    const key = parseExpression(cursor);
    if (!take(cursor, "=")) demand(cursor, ":");
    const value = parseExpression(cursor);
    entries.push([key.kind === "name" ? { kind: "literal", value: key.name } : key, value]);
    take(cursor, ",");
  }
  return { kind: "map", entries };
}

function parseFor(cursor: Cursor, end: string): Loop {
  const first = takeName(cursor) ?? fail(cursor, "a name after for");
  const second = take(cursor, ",") ? (takeName(cursor) ?? fail(cursor, "a name after for")) : null;
  if (!takeWord(cursor, "in")) fail(cursor, "in");
  const list = parseExpression(cursor);
  demand(cursor, ":");
  const result = parseExpression(cursor);
  const value = take(cursor, "=>") ? parseExpression(cursor) : null;
  const isGrouped = take(cursor, "...");
  const condition = takeWord(cursor, "if") ? parseExpression(cursor) : null;
  demand(cursor, end);
  return {
    keyName: second === null ? null : first,
    valueName: second ?? first,
    list,
    resultKey: value === null ? null : result,
    result: value ?? result,
    condition,
    isGrouped,
  };
}
