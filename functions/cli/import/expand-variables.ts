// Expands variables in text, as Docker does in FROM lines.

export type Expanded = {
  /** Variables without a value remain as `${NAME}`. */
  text: string;
  unknown: string[];
};

/** Supports `$NAME`, `${NAME}`, and the operators `:-`, `-`, `:+` and `+`, nested up to `depth`. */
export function expandVariables(text: string, values: ReadonlyMap<string, string>, depth = 8): Expanded {
  // Longer than any image name.
  if (text.length > 4096) return { text, unknown: [] };
  const unknown: string[] = [];
  let expanded = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\" && text[at + 1] === "$") {
      expanded += "$";
      at += 1;
      continue;
    }
    const plain = character === "$" ? /^\$([A-Za-z_]\w*)/.exec(text.slice(at, at + 256)) : null;
    const closing = character === "$" && text[at + 1] === "{" ? closingBrace(text, at + 2) : -1;
    if (plain === null && closing === -1) {
      expanded += character;
      continue;
    }
    const inner = plain?.[1] ?? text.slice(at + 2, closing);
    const value = lookUp(inner, values, depth);
    expanded += value.text;
    unknown.push(...value.unknown);
    at = plain === null ? closing : at + plain[0].length - 1;
  }
  return { text: expanded, unknown };
}

function lookUp(inner: string, values: ReadonlyMap<string, string>, depth: number): Expanded {
  const match = /^([A-Za-z_]\w*)(?:(:?[-+])([\s\S]*))?$/.exec(inner);
  const [, name, operator, word = ""] = match ?? [];
  if (name === undefined || depth === 0) return { text: `\${${inner}}`, unknown: [inner] };
  const value = values.get(name);
  const isSet = value !== undefined && !(value === "" && operator?.startsWith(":") === true);
  if (operator?.endsWith("+") === true) {
    return isSet ? expandVariables(word, values, depth - 1) : { text: "", unknown: [] };
  }
  if (isSet) return { text: value, unknown: [] };
  return operator === undefined
    ? { text: `\${${name}}`, unknown: [name] }
    : expandVariables(word, values, depth - 1);
}

function closingBrace(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "{") open += 1;
    if (text[at] === "}") open -= 1;
    if (open === 0) return at;
  }
  return -1;
}
