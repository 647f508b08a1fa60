// The texts of validation errors: what was expected, and what was found.
import { type $ZodError, type $ZodErrorMap, type $ZodIssue, $ZodObject } from "zod/v4/core";
import { didYouMean, meantBy } from "./did-you-mean.ts";

export type Problem = {
  path: readonly PropertyKey[];
  message: string;
  /** The line of the file, where it is known. */
  line?: number;
};

const maxKey = 100;

/** `pipelines.app.steps[2]` */
export function showPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      const name = String(key);
      const shown = name.length > maxKey ? `${name.slice(0, maxKey)}…` : name;
      return index === 0 ? shown : `.${shown}`;
    })
    .join("");
}

/** All problems in one line: `files.a/b: expected text, found the number 5; unknown key "form"` */
export function showProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => [showPath(path), message].filter(Boolean).join(": ")).join("; ");
}

/** Short enough for one line. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") {
    const keys = Object.keys(value)
      .slice(0, 3)
      .map((key) => JSON.stringify(key));
    return keys.length === 0 ? "an empty map" : `a map with ${keys.join(", ")}`;
  }
  const shown = JSON.stringify(value) ?? String(value);
  const short = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
  return typeof value === "string" ? short : `the ${typeof value} ${short}`;
}

export function expected(what: string, value: unknown): string {
  return `expected ${what}, found ${describeValue(value)}`;
}

/** YAML reads `1.10` as a number and drops the zero. Only quotes keep such a tag as it is. */
export function expectedText(what: string, value: unknown): string {
  return `${expected(what, value)}${typeof value === "number" ? "; put it in quotes" : ""}`;
}

/** An error map for zod: the message of every issue whose schema has none. */
export const describeIssue: $ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return expected(typeNames.get(issue.expected) ?? issue.expected, issue.input);
    case "invalid_value":
      return expected(issue.values.map((value) => JSON.stringify(value)).join(" or "), issue.input);
    case "too_small":
      return expected(
        `${issue.origin === "array" ? "a list of at least" : "at least"} ${issue.minimum}`,
        issue.input,
      );
    case "too_big":
      return expected(`at most ${issue.maximum}`, issue.input);
    case "unrecognized_keys": {
      const known = knownKeys(issue.inst);
      return issue.keys
        .map((key) => `unknown key ${JSON.stringify(key)}${didYouMean(key, known) || listOfKeys(known)}`)
        .join("; ");
    }
    case "invalid_key":
      return issue.issues.map(({ message }) => message).join("; ");
    default:
      return undefined;
  }
};

const typeNames = new Map<string, string>([
  ["object", "a map"],
  ["record", "a map"],
  ["array", "a list"],
  ["string", "text"],
  ["int", "a whole number"],
  ["number", "a number"],
]);

function listOfKeys(known: readonly string[]): string {
  return known.length === 0 ? "" : `; known keys: ${known.join(", ")}`;
}

function knownKeys(schema: unknown): string[] {
  return schema instanceof $ZodObject ? Object.keys(schema._zod.def.shape) : [];
}

/** zod's issues as a flat list. A union reports the issues of the option that was meant, if that is clear. */
export function problemsOf(error: $ZodError, base: readonly PropertyKey[] = []): Problem[] {
  return findingsOf(error, base).map(({ path, message }) => ({ path, message }));
}

/** A problem that zod found, and the unknown key that it is about, or null. */
export type Finding = Problem & { unknownKey: string | null };

export function findingsOf(error: $ZodError, base: readonly PropertyKey[] = []): Finding[] {
  const findings = error.issues.flatMap((issue) => findingsOfIssue(issue, base));
  return findings.filter((finding) => !isMisspelt(finding, findings));
}

function findingsOfIssue(issue: $ZodIssue, base: readonly PropertyKey[]): Finding[] {
  const path = [...base, ...issue.path];
  const whole: Finding[] = [{ path, message: issue.message, unknownKey: null }];
  if (issue.code === "unrecognized_keys") {
    // One problem a key; describeIssue has put them into one message.
    const messages = issue.message.split(/; (?=unknown key ")/);
    if (messages.length !== issue.keys.length) return whole;
    return issue.keys.map((unknownKey, index) => ({ path, message: messages[index] ?? "", unknownKey }));
  }
  if (issue.code !== "invalid_union") return whole;
  const meant = issue.errors.filter((issues) => issues.every(isBelowTopLevel));
  const [only] = meant;
  if (meant.length !== 1 || only === undefined) return whole;
  return only.flatMap((inner) => findingsOfIssue(inner, path));
}

/** An option of a union was meant if its type and its keys fit, and only values inside of it are wrong. */
function isBelowTopLevel(issue: $ZodIssue): boolean {
  const isMissingKey = issue.path.length === 1 && isMissing(issue.message);
  return issue.path.length > 0 && !isMissingKey;
}

export function isMissing(message: string): boolean {
  return message.endsWith("found nothing");
}

/** A key is not missing if an unknown one beside it is meant to be it. */
function isMisspelt({ path, message }: Finding, findings: readonly Finding[]): boolean {
  const key = path.at(-1);
  if (!isMissing(message) || typeof key !== "string") return false;
  const parent = path.slice(0, -1);
  return findings.some(
    ({ unknownKey, path: other }) =>
      unknownKey !== null &&
      meantBy(unknownKey, [key]) !== null &&
      other.length === parent.length &&
      other.every((part, index) => part === parent[index]),
  );
}
