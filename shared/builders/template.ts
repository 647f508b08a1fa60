// The grammar of texts with placeholders. An unknown placeholder is an error.
import * as z from "zod";
import { didYouMean } from "../validation/did-you-mean.ts";
import { expectedText } from "../validation/expectation.ts";
import { text } from "../validation/forms.ts";
import { digestStepOf, isParameter, placeholderNames, placeholdersIn, secretOf } from "./placeholders.ts";

type Secrets = "with secrets" | "without secrets";

/** The placeholders of a text: those of a step's build, or of another kind of build. */
export type Known = { names: readonly string[]; ofSteps: boolean };
const ofStep: Known = { names: placeholderNames, ofSteps: true };

const braced = (names: readonly string[]) => names.map((name) => `{${name}}`);
const digest = "{digest:STEP}";
const secret = "{secret:NAME}";

function listOf({ names, ofSteps }: Known, secrets: Secrets, conjunction: "and" | "or"): string {
  const all = [
    ...braced(names),
    ...(ofSteps ? [digest] : []),
    ...(secrets === "with secrets" ? [secret] : []),
  ];
  return `${all.slice(0, -1).join(", ")} ${conjunction} ${all.at(-1)}`;
}

/** The problem with a text's placeholders, or null. */
export function placeholderProblem(text: string, secrets: Secrets, known: Known = ofStep): string | null {
  const { names, ofSteps } = known;
  const wrong = placeholdersIn(text).find(
    (name) =>
      !names.includes(name) &&
      // compile.ts checks that there is such a step.
      !(ofSteps && (digestStepOf(name) ?? "") !== "") &&
      // compile-parameters.ts writes only known ones so.
      !isParameter(name) &&
      !(secrets === "with secrets" && isNamedSecret(name)),
  );
  if (wrong === undefined) return null;
  // {pins} is too much like the {print} of awk.
  const likely = braced(names.filter((name) => name !== "pins"));
  return `expected one of the placeholders ${listOf(known, secrets, "or")}, found "{${wrong}}"${didYouMean(`{${wrong}}`, likely)}`;
}

function isNamedSecret(placeholder: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(secretOf(placeholder) ?? "");
}

function checkPlaceholders(secrets: Secrets, known: Known): z.core.CheckFn<string> {
  return ({ value, issues }) => {
    const problem = placeholderProblem(value, secrets, known);
    if (problem !== null) issues.push({ code: "custom", message: problem, input: value });
  };
}

/** A text whose placeholders are all known. */
export function template(what: string, secrets: Secrets, known: Known = ofStep): z.ZodString {
  return z
    .string({ error: ({ input }) => expectedText(what, input) })
    .check(checkPlaceholders(secrets, known))
    .describe(`May contain the placeholders ${listOf(known, secrets, "and")}.`);
}

/** A text that matches a pattern, such as the name of a branch. Its placeholders are all known, and none is a secret. */
export function nameTemplate(what: string, pattern: RegExp): z.ZodString {
  return text(what, pattern).check(checkPlaceholders("without secrets", ofStep));
}
