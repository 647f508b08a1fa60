// Evaluates the expressions of GitHub's workflows, `${{ … }}`, as far as their values are known without a run.

import { parseJson } from "../../../../shared/validation/parse-json.ts";
import { parseText } from "../hcl/parse-expression.ts";
import type { Expression } from "../hcl/syntax.ts";
import { SyntaxProblem } from "../hcl/syntax.ts";
import { fromJson, isMap, textOrNull, toJson, unknown, type Value, type ValueMap } from "../hcl/value.ts";
import { openPart } from "../open-text.ts";

/** `github`, `matrix`, `env`, `inputs` and the like. A value that is not there is not known. */
export type Contexts = ReadonlyMap<string, Value>;

/** Parts that are not known become open parts. */
export function fillIn(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{([\s\S]*?)\}\}/g, (_whole, inner: string) => {
    const value = evaluateText(inner, contexts);
    return value === unknown ? openPart(inner.trim()) : asText(value);
  });
}

/** The value itself where the text is one expression, as of `matrix: ${{ fromJSON(…) }}`. */
export function valueOfText(text: string, contexts: Contexts): Value {
  const [, inner] = /^\s*\$\{\{([\s\S]*?)\}\}\s*$/.exec(text) ?? [];
  return inner === undefined || inner.includes("${{")
    ? fillIn(text, contexts)
    : evaluateText(inner, contexts);
}

export function asText(value: Value): string {
  return value === null ? "" : (textOrNull(value) ?? JSON.stringify(toJson(value)));
}

function evaluateText(text: string, contexts: Contexts): Value {
  try {
    return resolve(parseText(text, true), contexts);
  } catch (error) {
    if (error instanceof SyntaxProblem || error instanceof RangeError) return unknown;
    throw error;
  }
}

function isTrue(value: Value): boolean {
  return value !== null && value !== false && value !== "" && value !== 0;
}

function resolve(expression: Expression, contexts: Contexts): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "name":
      return contexts.get(expression.name) ?? unknown;
    case "member":
      return memberOf(resolve(expression.of, contexts), resolve(expression.key, contexts));
    case "unary": {
      const value = resolve(expression.of, contexts);
      return value === unknown ? unknown : !isTrue(value);
    }
    case "binary":
      return binaryOf(expression, contexts);
    case "call":
      return callOf(
        expression.name,
        expression.args.map((arg) => resolve(arg, contexts)),
      );
    default:
      return unknown;
  }
}

function memberOf(of: Value, key: Value): Value {
  const name = textOrNull(key) ?? "";
  if (isMap(of))
    return of.get(name) ?? lower(of).get(name.toLowerCase()) ?? (of.has(complete) ? null : unknown);
  return Array.isArray(of) ? (of[Number(name)] ?? null) : unknown;
}

/** A key that marks a map as complete: a name that is not in it is empty, and not merely unknown. */
const complete = "\uE002";

export function closeMap(map: ValueMap): ValueMap {
  return new Map([...map, [complete, true]]);
}

function lower(map: ValueMap): ValueMap {
  return new Map([...map].map(([key, value]) => [key.toLowerCase(), value]));
}

function binaryOf(
  { operator, left, right }: Extract<Expression, { kind: "binary" }>,
  contexts: Contexts,
): Value {
  const first = resolve(left, contexts);
  if (operator === "&&" || operator === "||") {
    const second = resolve(right, contexts);
    // `a && b || c` chooses between b and c: if a is not known, c is what remains for sure.
    if (first === unknown) return operator === "||" ? second : unknown;
    return isTrue(first) === (operator === "&&") ? second : first;
  }
  const second = resolve(right, contexts);
  if (first === unknown || second === unknown) return unknown;
  const [a, b] = [asText(first).toLowerCase(), asText(second).toLowerCase()];
  if (operator === "==" || operator === "!=") return (a === b) === (operator === "==");
  const [x, y] = [Number(a), Number(b)];
  const results = new Map([
    ["<", x < y],
    [">", x > y],
    ["<=", x <= y],
    [">=", x >= y],
  ]);
  return results.get(operator) ?? unknown;
}

function callOf(name: string, args: readonly Value[]): Value {
  if (args.some((arg) => arg === unknown)) return unknown;
  const [first = null, second = null, ...rest] = args;
  switch (name.toLowerCase()) {
    case "format":
      return asText(first).replace(/\{(\d+)\}/g, (_whole, at: string) =>
        asText([second, ...rest][Number(at)] ?? null),
      );
    case "contains":
      return Array.isArray(first)
        ? first.some((item) => asText(item).toLowerCase() === asText(second).toLowerCase())
        : asText(first).toLowerCase().includes(asText(second).toLowerCase());
    case "startswith":
      return asText(first).toLowerCase().startsWith(asText(second).toLowerCase());
    case "endswith":
      return asText(first).toLowerCase().endsWith(asText(second).toLowerCase());
    case "join":
      return Array.isArray(first)
        ? first.map(asText).join(second === null ? "," : asText(second))
        : asText(first);
    case "tojson":
      return JSON.stringify(toJson(first));
    case "fromjson": {
      const json = parseJson(asText(first));
      return json === undefined ? unknown : fromJson(json);
    }
    default:
      return unknown;
  }
}
