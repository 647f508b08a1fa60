// The functions of HCL that take and give texts and numbers.
import { createHash } from "node:crypto";
import { parseJson } from "../../../../shared/validation/parse-json.ts";
import {
  fromJson,
  isEqual,
  textOrNull,
  toBoolean,
  toJson,
  toList,
  toNumber,
  toText,
  unknown,
  type Value,
  ValueProblem,
} from "./value.ts";

export type HclFunction = (...args: Value[]) => Value;

/** A missing argument is null. */
const text = (value: Value | undefined): string => toText(value ?? null);
const number = (value: Value | undefined): number => toNumber(value ?? null);

const onText =
  (change: (value: string) => string): HclFunction =>
  (value) =>
    change(text(value));
const onNumbers =
  (change: (left: number, right: number) => Value): HclFunction =>
  (left, right) =>
    change(number(left), number(right));

/** The patterns are Go's. */
export function toPattern(source: string, flags = ""): RegExp {
  const [, goFlags = "", rest = ""] = /^(?:\(\?([ims]+)\))?([\s\S]*)$/.exec(source) ?? [];
  try {
    return new RegExp(rest.replaceAll("(?P<", "(?<"), [...new Set([...flags, ...goFlags])].join(""));
  } catch {
    throw new ValueProblem("expected a regular expression");
  }
}

/** The whole match, a list of its groups, or a map of its named ones. */
function matchValue(found: RegExpMatchArray): Value {
  if (found.groups !== undefined) {
    return new Map(
      Object.entries(found.groups).map(([name, value]): [string, Value] => [name, value ?? null]),
    );
  }
  const [whole = "", ...groups] = found;
  return groups.length === 0 ? whole : groups.map((group): Value => group ?? null);
}

function format(template: string, values: readonly Value[]): string {
  let next = 0;
  return template.replace(/%([-+ 0]*)(\d*)(?:\.(\d+))?([sdvqfgtxX%])/g, (_, flags, width, digits, verb) => {
    if (verb === "%") return "%";
    const value = values[next] ?? null;
    next += 1;
    return pad(formatOne(value, String(verb), digits), String(flags), Number(width || 0));
  });
}

function formatOne(value: Value, verb: string, digits: unknown): string {
  if (verb === "f") return toNumber(value).toFixed(digits === undefined ? 6 : Number(digits));
  if (verb === "d") return String(Math.trunc(toNumber(value)));
  if (verb === "x" || verb === "X") {
    const hexadecimal = toNumber(value).toString(16);
    return verb === "x" ? hexadecimal : hexadecimal.toUpperCase();
  }
  const plain = textOrNull(value) ?? JSON.stringify(toJson(value));
  return verb === "q" ? JSON.stringify(plain) : plain;
}

function pad(value: string, flags: string, width: number): string {
  if (width > 1000) throw new ValueProblem("expected a width of at most 1000");
  if (flags.includes("-")) return value.padEnd(width);
  return value.padStart(width, flags.includes("0") ? "0" : " ");
}

const trim = (value: string, characters: string, ends: string): string => {
  let [from, to] = [0, value.length];
  while (ends.includes("<") && from < to && characters.includes(value[from] ?? "")) from += 1;
  while (ends.includes(">") && to > from && characters.includes(value[to - 1] ?? "")) to -= 1;
  return value.slice(from, to);
};

/** `/…/` as what is replaced is a pattern. */
function replace(value: string, search: string, replacement: string): string {
  const [, pattern] = /^\/(.+)\/$/s.exec(search) ?? [];
  return pattern === undefined
    ? value.replaceAll(search, () => replacement)
    : regexReplace(value, pattern, replacement);
}

/** `$1`, `${1}` and `${name}` are groups. */
function regexReplace(value: string, pattern: string, replacement: string): string {
  const groups = replacement
    .replace(/\$\{(\d+)\}/g, "$$$1")
    .replace(/\$\{(\w+)\}/g, "$$<$1>")
    .replace(/\$0/g, "$$&");
  return value.replace(toPattern(pattern, "g"), groups);
}

function substr(value: string, offset: number, length: number): string {
  const letters = [...value];
  const from = offset < 0 ? Math.max(0, letters.length + offset) : offset;
  return letters.slice(from, length < 0 ? undefined : from + length).join("");
}

const hash = (algorithm: string): HclFunction =>
  onText((value) => createHash(algorithm).update(value).digest("hex"));

export const textFunctions: Readonly<Record<string, HclFunction>> = {
  lower: onText((value) => value.toLowerCase()),
  upper: onText((value) => value.toUpperCase()),
  title: onText((value) => value.replace(/(^|\s)(\S)/g, (whole) => whole.toUpperCase())),
  trimspace: onText((value) => value.trim()),
  chomp: onText((value) => value.replace(/[\r\n]+$/, "")),
  strlen: (value) => [...text(value)].length,
  trim: (value, characters) => trim(text(value), text(characters), "<>"),
  trimprefix: (value, prefix) =>
    text(value).startsWith(text(prefix)) ? text(value).slice(text(prefix).length) : text(value),
  trimsuffix: (value, suffix) =>
    text(suffix) !== "" && text(value).endsWith(text(suffix))
      ? text(value).slice(0, -text(suffix).length)
      : text(value),
  replace: (value, search, replacement) => replace(text(value), text(search), text(replacement)),
  regex_replace: (value, pattern, replacement) => regexReplace(text(value), text(pattern), text(replacement)),
  regex: (pattern, value) => {
    const found = toPattern(text(pattern)).exec(text(value));
    if (found === null) throw new ValueProblem("expected a match");
    return matchValue(found);
  },
  regexall: (pattern, value) => [...text(value).matchAll(toPattern(text(pattern), "g"))].map(matchValue),
  startswith: (value, prefix) => text(value).startsWith(text(prefix)),
  endswith: (value, suffix) => text(value).endsWith(text(suffix)),
  strcontains: (value, part) => text(value).includes(text(part)),
  substr: (value, offset, length) => substr(text(value), number(offset), number(length)),
  split: (separator, value) => text(value).split(text(separator)),
  join: (separator, ...lists) => lists.flatMap(toList).map(toText).join(text(separator)),
  format: (template, ...values) => format(text(template), values),
  formatlist: (template, ...lists) => {
    const length = Math.max(0, ...lists.map((list) => (Array.isArray(list) ? list.length : 1)));
    return Array.from({ length }, (_, index) =>
      format(
        text(template),
        lists.map((list) => (Array.isArray(list) ? (list[index] ?? null) : list)),
      ),
    );
  },
  indent: (spaces, value) => text(value).replaceAll("\n", `\n${" ".repeat(Math.min(100, number(spaces)))}`),
  // As buildx does: what no name of a target may have becomes "_".
  sanitize: onText((value) => value.replace(/[^A-Za-z0-9_-]/g, "_")),
  basename: onText((value) => value.split("/").at(-1) ?? ""),
  dirname: onText((value) => value.split("/").slice(0, -1).join("/") || "."),
  urlencode: onText(encodeURIComponent),
  base64encode: onText((value) => Buffer.from(value).toString("base64")),
  base64decode: onText((value) => Buffer.from(value, "base64").toString()),
  md5: hash("md5"),
  sha1: hash("sha1"),
  sha256: hash("sha256"),
  sha512: hash("sha512"),
  jsondecode: (value) => {
    const json = parseJson(text(value));
    if (json === undefined) throw new ValueProblem("expected JSON");
    return fromJson(json);
  },
  jsonencode: (value) => JSON.stringify(toJson(value ?? null)),
  // A time differs from run to run, and so would the import.
  timestamp: () => unknown,
  formatdate: () => unknown,
  timeadd: () => unknown,
  uuidv4: () => unknown,

  equal: (left, right) => isEqual(left ?? null, right ?? null),
  notequal: (left, right) => !isEqual(left ?? null, right ?? null),
  not: (value) => !toBoolean(value ?? null),
  and: (left, right) => toBoolean(left ?? null) && toBoolean(right ?? null),
  or: (left, right) => toBoolean(left ?? null) || toBoolean(right ?? null),
  greaterthan: onNumbers((left, right) => left > right),
  greaterthanorequalto: onNumbers((left, right) => left >= right),
  lessthan: onNumbers((left, right) => left < right),
  lessthanorequalto: onNumbers((left, right) => left <= right),
  add: onNumbers((left, right) => left + right),
  subtract: onNumbers((left, right) => left - right),
  multiply: onNumbers((left, right) => left * right),
  divide: onNumbers((left, right) => left / right),
  modulo: onNumbers((left, right) => left % right),
  pow: onNumbers((left, right) => left ** right),
  negate: (value) => -number(value),
  absolute: (value) => Math.abs(number(value)),
  ceil: (value) => Math.ceil(number(value)),
  floor: (value) => Math.floor(number(value)),
  int: (value) => Math.trunc(number(value)),
  signum: (value) => Math.sign(number(value)),
  min: (...values) => Math.min(...values.map(toNumber)),
  max: (...values) => Math.max(...values.map(toNumber)),
  parseint: (value, base) => {
    const parsed = Number.parseInt(text(value), number(base));
    if (Number.isNaN(parsed)) throw new ValueProblem("expected a number");
    return parsed;
  },
  tostring: (value) => text(value),
  tonumber: (value) => number(value),
  tobool: (value) => toBoolean(value ?? null),
  convert: (value) => value ?? null,
};
