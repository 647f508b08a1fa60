// The grammar of texts with placeholders. An unknown placeholder is an error.
import * as z from "zod";
import { didYouMean } from "../validation/did-you-mean.ts";
import { expectedText } from "../validation/expectation.ts";
import { digestStepOf, isParameter, placeholderNames, placeholdersIn, secretOf } from "./placeholders.ts";

type Secrets = "with secrets" | "without secrets";

const known = placeholderNames.map((name) => `{${name}}`);
/** {pins} is too much like the {print} of awk. */
const likely = known.filter((name) => name !== "{pins}");
const digest = "{digest:STEP}";
const secret = "{secret:NAME}";

function listOf(secrets: Secrets, conjunction: "and" | "or"): string {
  const all = [...known, digest, ...(secrets === "with secrets" ? [secret] : [])];
  return `${all.slice(0, -1).join(", ")} ${conjunction} ${all.at(-1)}`;
}

/** The problem with a text's placeholders, or null. */
export function placeholderProblem(text: string, secrets: Secrets): string | null {
  const names: readonly string[] = placeholderNames;
  const wrong = placeholdersIn(text).find(
    (name) =>
      !names.includes(name) &&
      // compile.ts checks that there is such a step.
      (digestStepOf(name) ?? "") === "" &&
      // compile-parameters.ts writes only known ones so.
      !isParameter(name) &&
      !(secrets === "with secrets" && isNamedSecret(name)),
  );
  if (wrong === undefined) return null;
  return `expected one of the placeholders ${listOf(secrets, "or")}, found "{${wrong}}"${didYouMean(`{${wrong}}`, likely)}`;
}

function isNamedSecret(placeholder: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(secretOf(placeholder) ?? "");
}

/** A text whose placeholders are all known. */
export function template(what: string, secrets: Secrets): z.ZodString {
  return z
    .string({ error: ({ input }) => expectedText(what, input) })
    .check(({ value, issues }) => {
      const problem = placeholderProblem(value, secrets);
      if (problem !== null) issues.push({ code: "custom", message: problem, input: value });
    })
    .describe(`May contain the placeholders ${listOf(secrets, "and")}.`);
}
