// The values of HCL, and how one type becomes another.

/** What a failed or undefined expression gives: the rest of a file can be used all the same. */
export type Unknown = { readonly kind: "unknown" };
export const unknown: Unknown = { kind: "unknown" };
export type Value = string | number | boolean | null | Unknown | Value[] | ValueMap;
export type ValueMap = Map<string, Value>;

/** The expression has no value. Never shown: the attribute becomes `unknown`. */
export class ValueProblem extends Error {
  override readonly name = "ValueProblem";
}

export function isMap(value: Value): value is ValueMap {
  return value instanceof Map;
}

/** Null for what is no text: a list, a map, or unknown. */
export function textOrNull(value: Value): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

export function toText(value: Value): string {
  const text = textOrNull(value);
  if (text === null) throw new ValueProblem("expected text");
  return text;
}

export function toNumber(value: Value): number {
  const number = typeof value === "number" ? value : Number(toText(value));
  if (!Number.isFinite(number) || value === "") throw new ValueProblem("expected a number");
  return number;
}

export function toBoolean(value: Value): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw new ValueProblem("expected true or false");
}

export function toList(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (isMap(value)) return [...value.values()];
  throw new ValueProblem("expected a list");
}

export function toMap(value: Value): ValueMap {
  if (isMap(value)) return value;
  throw new ValueProblem("expected a map");
}

export function isEqual(left: Value, right: Value): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index] ?? null));
  }
  if (isMap(left) && isMap(right)) {
    return (
      left.size === right.size && [...left].every(([key, item]) => isEqual(item, right.get(key) ?? unknown))
    );
  }
  const isScalar = textOrNull(left) !== null && textOrNull(right) !== null;
  return isScalar ? textOrNull(left) === textOrNull(right) : left === right;
}

export function isWhole(value: Value): boolean {
  if (Array.isArray(value) || isMap(value)) return [...value.values()].every(isWhole);
  return value !== unknown;
}

/** A value of JSON. */
export function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === "object" && json !== null) {
    return new Map(Object.entries(json).map(([key, item]) => [key, fromJson(item)]));
  }
  return typeof json === "string" || typeof json === "number" || typeof json === "boolean" ? json : null;
}

export function toJson(value: Value): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [key, toJson(item)]));
  return value === unknown ? null : value;
}
