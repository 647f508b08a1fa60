// Reads assignments of plain values in a Python file: strings, numbers, lists, dicts and environment variables.

export type PythonValue =
  | { kind: "text"; text: string }
  | { kind: "number"; number: number }
  | { kind: "list"; items: PythonValue[] }
  | { kind: "map"; entries: Map<string, PythonValue> }
  | { kind: "environment"; name: string }
  | { kind: "unread" };

type Token = { kind: "text" | "number" | "name" | "sign" | "end"; text: string };
type Cursor = { tokens: readonly Token[]; at: number };
const unread: PythonValue = { kind: "unread" };

/** The last assignment to a name wins. Any other expression is `unread`. */
export function readPython(source: string): Map<string, PythonValue> {
  const values = new Map<string, PythonValue>();
  const cursor: Cursor = { tokens: tokensOf(source), at: 0 };
  while (cursor.at < cursor.tokens.length) {
    const name = cursor.tokens[cursor.at];
    if (name?.kind === "name" && cursor.tokens[cursor.at + 1]?.text === "=") {
      cursor.at += 2;
      const value = readValue(cursor, 0);
      // More tokens in the line, such as an operator, make it an expression.
      values.set(name.text, cursor.tokens[cursor.at]?.kind === "end" ? value : unread);
    }
    while (cursor.at < cursor.tokens.length && cursor.tokens[cursor.at]?.kind !== "end") cursor.at += 1;
    cursor.at += 1;
  }
  return values;
}

/** Within brackets, line ends have no meaning. */
function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let open = 0;
  let at = 0;
  while (at < source.length) {
    const blank = match(/(?:[ \t\f\r]|\\\r?\n|#[^\n]*)+/y, source, at);
    if (blank !== null) at += blank.length;
    if (at >= source.length) break;
    const text = readText(source, at);
    const word = text === null ? match(/[A-Za-z_][\w.]*/y, source, at) : null;
    const number = match(/(?:\d[\d_]*(?:\.\d+)?|\.\d+)/y, source, at);
    const character = source[at] ?? "";
    if (text !== null) tokens.push({ kind: "text", text: text.value });
    else if (word !== null) tokens.push({ kind: "name", text: word });
    else if (number !== null) tokens.push({ kind: "number", text: number.replaceAll("_", "") });
    else if (character === "\n" || character === ";") {
      if (open === 0) tokens.push({ kind: "end", text: "" });
    } else {
      if ("([{".includes(character)) open += 1;
      if (")]}".includes(character)) open = Math.max(0, open - 1);
      tokens.push({ kind: "sign", text: character });
    }
    at += text?.length ?? word?.length ?? number?.length ?? 1;
  }
  return [...tokens, { kind: "end", text: "" }];
}

function match(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
}

/** Reads `'a'`, `r"b"` or `"""c"""`, but not f-strings. */
function readText(source: string, from: number): { value: string; length: number } | null {
  const prefix = match(/[rRbBuU]{0,2}(?=["'])/y, source, from);
  if (prefix === null) return null;
  const start = from + prefix.length;
  const quote = source[start] ?? "";
  const fence = source.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  let value = "";
  for (let at = start + fence.length; at < source.length; at += 1) {
    if (source.startsWith(fence, at)) return { value, length: at + fence.length - from };
    if (source[at] === "\n" && fence.length === 1) return null;
    if (source[at] === "\\" && !/r/i.test(prefix)) at += 1;
    value += source[at] ?? "";
  }
  return null;
}

function readValue(cursor: Cursor, depth: number): PythonValue {
  let value = readSingle(cursor, depth);
  for (;;) {
    const token = cursor.tokens[cursor.at];
    if (token?.kind === "text" && value.kind === "text") {
      cursor.at += 1;
      value = { kind: "text", text: value.text + token.text };
    } else if (token?.text === "*" && token.kind === "sign" && value.kind === "number") {
      cursor.at += 1;
      const factor = readSingle(cursor, depth);
      value = factor.kind === "number" ? { kind: "number", number: value.number * factor.number } : unread;
    } else return value;
  }
}

function readSingle(cursor: Cursor, depth: number): PythonValue {
  const token = cursor.tokens[cursor.at];
  if (token === undefined || token.kind === "end" || depth > 50) return unread;
  cursor.at += 1;
  if (token.kind === "text") return { kind: "text", text: token.text };
  if (token.kind === "number") return { kind: "number", number: Number(token.text) };
  if (token.kind === "name") return readNamed(token.text, cursor, depth);
  if (token.text === "[" || token.text === "(")
    return readList(token.text === "[" ? "]" : ")", cursor, depth);
  return token.text === "{" ? readMap("}", ":", cursor, depth) : unread;
}

/** `getenv("X")`, `os.environ["X"]`, `dict(a=1)`. */
function readNamed(name: string, cursor: Cursor, depth: number): PythonValue {
  const opening = cursor.tokens[cursor.at]?.text;
  const isLookUp =
    opening === "(" ? /^(?:os\.)?(?:getenv|environ\.get)$/.test(name) : /^(?:os\.)?environ$/.test(name);
  if (isLookUp && (opening === "(" || opening === "[")) {
    cursor.at += 1;
    const list = readList(opening === "(" ? ")" : "]", cursor, depth);
    const [key] = list.kind === "list" ? list.items : [];
    return key?.kind === "text" ? { kind: "environment", name: key.text } : unread;
  }
  if (name === "dict" && opening === "(") {
    cursor.at += 1;
    return readMap(")", "=", cursor, depth);
  }
  return unread;
}

function readList(end: string, cursor: Cursor, depth: number): PythonValue {
  const items: PythonValue[] = [];
  let commas = 0;
  while (!isSign(cursor, end)) {
    if (cursor.tokens[cursor.at]?.kind === "end" || cursor.at >= cursor.tokens.length) return unread;
    items.push(readValue(cursor, depth + 1));
    if (isSign(cursor, ",")) {
      commas += 1;
      cursor.at += 1;
    } else if (!isSign(cursor, end)) return unread;
  }
  cursor.at += 1;
  // `("a")` is a string, `("a",)` a tuple.
  const [only] = items;
  return end === ")" && commas === 0 && only !== undefined ? only : { kind: "list", items };
}

function readMap(end: string, between: string, cursor: Cursor, depth: number): PythonValue {
  const entries = new Map<string, PythonValue>();
  while (!isSign(cursor, end)) {
    const key = cursor.tokens[cursor.at];
    if (key === undefined || (key.kind !== "text" && key.kind !== "name")) return unread;
    cursor.at += 1;
    if (!isSign(cursor, between)) return unread;
    cursor.at += 1;
    entries.set(key.text, readValue(cursor, depth + 1));
    if (isSign(cursor, ",")) cursor.at += 1;
    else if (!isSign(cursor, end)) return unread;
  }
  cursor.at += 1;
  return { kind: "map", entries };
}

function isSign({ tokens, at }: Cursor, text: string): boolean {
  return tokens[at]?.kind === "sign" && tokens[at]?.text === text;
}
