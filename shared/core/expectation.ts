// The words of a configuration error: what was expected, and what was found.
import * as z from "zod";
import { didYouMean } from "./did-you-mean.ts";

export type Problem = { path: readonly PropertyKey[]; message: string };

/** What was found, short enough for a line. */
export function describe(value: unknown): string {
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
  return `expected ${what}, found ${describe(value)}`;
}

/** YAML reads `1.10` as a number and loses the nought; only quotes keep a tag such as that whole. */
export function expectedText(what: string, value: unknown): string {
  return `${expected(what, value)}${typeof value === "number" ? "; put it in quotes" : ""}`;
}

/** A text of one form. The schema for editors gets the pattern, people get the words. */
export function text(what: string, pattern: RegExp) {
  const error = ({ input }: { input?: unknown }) => expectedText(what, input);
  return z.string({ error }).regex(pattern, { error }).describe(what);
}

/** One of several maps, told apart by their keys; errors are those of the one that was meant. */
export function oneOf<const T extends readonly z.ZodType[]>(what: string, options: T) {
  return z.union(options, { error: ({ input }) => expectedText(what, input) });
}

/** The name of a secret. What looks like the secret itself is not repeated in the error. */
export const secretName = z
  .string({
    error: "expected the name of a secret, such as VOID_DOCKER_TRIGGER",
  })
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, {
    error:
      "expected the name of a secret, such as VOID_DOCKER_TRIGGER, found something else (not shown: it may be the secret itself, which belongs into the environment or .env)",
  })
  .describe("the name of a secret, never the secret itself");

/** Words every issue that has no words of its own. */
export const wordIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return expected(typeWords.get(issue.expected) ?? issue.expected, issue.input);
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
        .map((key) => `unknown key ${JSON.stringify(key)}${didYouMean(key, known) || knownList(known)}`)
        .join("; ");
    }
    case "invalid_key":
      return issue.issues.map(({ message }) => message).join("; ");
    default:
      return undefined;
  }
};

const typeWords = new Map<string, string>([
  ["object", "a map"],
  ["record", "a map"],
  ["array", "a list"],
  ["string", "text"],
  ["int", "a whole number"],
  ["number", "a number"],
]);

function knownList(known: readonly string[]): string {
  return known.length === 0 ? "" : `; known are ${known.join(", ")}`;
}

function knownKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** zod's issues as problems, one a line; of a union those of the option that was meant. */
export function problemsOf(error: z.core.$ZodError, base: readonly PropertyKey[] = []): Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, base));
}

function problemsOfIssue(issue: z.core.$ZodIssue, base: readonly PropertyKey[]): Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code !== "invalid_union") return [{ path, message: issue.message }];
  const meant = issue.errors.filter((issues) => issues.every(isWithin));
  const [only] = meant;
  if (meant.length !== 1 || only === undefined) return [{ path, message: issue.message }];
  return only.flatMap((inner) => problemsOfIssue(inner, path));
}

/** Whether an option of a union fits but for what it holds: right kind, no key missing or unknown at its top. */
function isWithin(issue: z.core.$ZodIssue): boolean {
  return issue.path.length > 0 && !(issue.path.length === 1 && issue.message.endsWith("found nothing"));
}
