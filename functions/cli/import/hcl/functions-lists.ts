// The functions of HCL that take and give lists and maps.
import type { HclFunction } from "./functions-text.ts";
import {
  isEqual,
  isMap,
  textOrNull,
  toList,
  toMap,
  toNumber,
  toText,
  unknown,
  type Value,
  ValueProblem,
} from "./value.ts";

const list = (value: Value | undefined): Value[] => toList(value ?? null);
const map = (value: Value | undefined) => toMap(value ?? null);
const maxItems = 10_000;

function distinct(values: readonly Value[]): Value[] {
  const kept: Value[] = [];
  for (const value of values) if (!kept.some((other) => isEqual(other, value))) kept.push(value);
  return kept;
}

function flatten(values: readonly Value[]): Value[] {
  return values.flatMap((value) => (Array.isArray(value) ? flatten(value) : [value]));
}

const has = (values: readonly Value[], wanted: Value | undefined): boolean =>
  values.some((value) => isEqual(value, wanted ?? null));

function setProduct(lists: readonly Value[][]): Value[][] {
  return lists.reduce<Value[][]>(
    (rows, items) => {
      if (rows.length * items.length > maxItems) throw new ValueProblem("expected fewer combinations");
      return rows.flatMap((row) => items.map((item) => [...row, item]));
    },
    [[]],
  );
}

function compare(left: Value, right: Value): number {
  const [a, b] = [toText(left), toText(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function range(args: readonly Value[]): Value[] {
  const [first = 0, second, step = 1] = args.map(toNumber);
  const [from, to] = second === undefined ? [0, first] : [first, second];
  const length = Math.ceil((to - from) / step);
  if (!(length <= maxItems)) throw new ValueProblem("expected a shorter range");
  return Array.from({ length: Math.max(0, length) }, (_, index) => from + index * step);
}

function slice(values: readonly Value[], from: number, to: number): Value[] {
  if (from < 0 || to > values.length || from > to) throw new ValueProblem("expected indexes of the list");
  return values.slice(from, to);
}

function chunks(values: readonly Value[], size: number): Value[] {
  if (size < 1) return [[...values]];
  const count = Math.ceil(values.length / size);
  return Array.from({ length: count }, (_, index) => values.slice(index * size, (index + 1) * size));
}

function lengthOf(value: Value | undefined): number {
  return typeof value === "string"
    ? value.length
    : isMap(value ?? null)
      ? map(value).size
      : list(value).length;
}

export const listFunctions: Readonly<Record<string, HclFunction>> = {
  concat: (...lists) => lists.flatMap(toList),
  distinct: (values) => distinct(list(values)),
  flatten: (values) => flatten(list(values)),
  compact: (values) => list(values).filter((value) => value !== null && value !== ""),
  contains: (values, wanted) => has(list(values), wanted),
  sethaselement: (values, wanted) => has(list(values), wanted),
  setintersection: (first, ...others) =>
    distinct(list(first)).filter((value) => others.every((other) => has(toList(other), value))),
  setsubtract: (first, second) => distinct(list(first)).filter((value) => !has(list(second), value)),
  setunion: (...lists) => distinct(lists.flatMap(toList)),
  setproduct: (...lists) => setProduct(lists.map(toList)),
  toset: (values) => distinct(list(values)),
  tolist: (values) => list(values),
  tomap: (values) => map(values),
  element: (values, index) => {
    const items = list(values);
    return items.length === 0 ? unknown : (items[toNumber(index ?? null) % items.length] ?? null);
  },
  index: (values, wanted) => {
    const found = list(values).findIndex((value) => isEqual(value, wanted ?? null));
    if (found === -1) throw new ValueProblem("expected an item of the list");
    return found;
  },
  hasindex: (values, key) =>
    isMap(values ?? null)
      ? map(values).has(textOrNull(key ?? null) ?? "")
      : toNumber(key ?? null) < list(values).length,
  length: lengthOf,
  slice: (values, from, to) => slice(list(values), toNumber(from ?? null), toNumber(to ?? null)),
  reverse: (values) =>
    typeof values === "string" ? [...values].reverse().join("") : list(values).toReversed(),
  reverselist: (values) => list(values).toReversed(),
  sort: (values) => list(values).toSorted(compare),
  range: (...args) => range(args),
  chunklist: (values, size) => chunks(list(values), toNumber(size ?? null)),
  coalesce: (...values) => values.find((value) => value !== null && value !== "") ?? null,
  coalescelist: (...lists) => lists.find((value) => toList(value).length > 0) ?? [],
  keys: (values) => [...map(values).keys()].toSorted(),
  values: (values) => [...map(values)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value),
  lookup: (values, key, fallback) => map(values).get(toText(key ?? null)) ?? fallback ?? unknown,
  merge: (...maps) => new Map(maps.filter((value) => value !== null).flatMap((value) => [...toMap(value)])),
  zipmap: (keys, values) => {
    const items = list(values);
    return new Map(list(keys).map((key, index) => [toText(key), items[index] ?? null]));
  },
};
