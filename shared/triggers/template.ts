// The grammar of texts with placeholders: one that is not known is an error, not a text that goes out as it is.
import * as z from "zod";
import { didYouMean } from "../core/did-you-mean.ts";
import { expectedText } from "../core/expectation.ts";
import { placeholderNames, placeholdersIn } from "./placeholders.ts";

const known = placeholderNames.map((name) => `{${name}}`);
const knownList = `${known.slice(0, -1).join(", ")} or ${known.at(-1)}`;

/** The problem with a text's placeholders, or nothing; `secrets` tells whether `{secret:NAME}` may stand in it. */
export function placeholderProblem(text: string, secrets: "with secrets" | "without secrets"): string | null {
  const names: readonly string[] = placeholderNames;
  const withSecrets = secrets === "with secrets";
  for (const name of placeholdersIn(text)) {
    if (names.includes(name)) continue;
    if (withSecrets && /^secret:[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) continue;
    const list = withSecrets ? `${knownList}, or {secret:NAME}` : knownList;
    return `expected as placeholder ${list}, found "{${name}}"${didYouMean(`{${name}}`, known)}`;
  }
  return null;
}

/** A text whose placeholders are all known. */
export function template(what: string, secrets: "with secrets" | "without secrets"): z.ZodString {
  return z
    .string({ error: ({ input }) => expectedText(what, input) })
    .check(({ value, issues }) => {
      const problem = placeholderProblem(value, secrets);
      if (problem !== null) issues.push({ code: "custom", message: problem, input: value });
    })
    .describe(`${what}; ${knownList} in it are replaced`);
}
