// Building blocks of the grammar: a text that matches a pattern, a choice of several forms, the name of a secret.
import * as z from "zod";
import { expectedText } from "./expectation.ts";

/** Editors check the pattern and show `what` as a sentence; errors name it as what was expected. */
export function text(what: string, pattern: RegExp) {
  const error = ({ input }: { input?: unknown }) => expectedText(what, input);
  return z.string({ error }).regex(pattern, { error }).describe(asSentence(what));
}

/** A value in one of several forms. */
export function oneOf<const T extends readonly z.ZodType[]>(what: string, options: T) {
  return z.union(options, { error: ({ input }) => expectedText(what, input) });
}

/** The error does not repeat what was found: it may be the secret itself. */
export const secretName = z
  .string({ error: "expected the name of a secret, such as VOID_DOCKER_TRIGGER" })
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, {
    error:
      "expected the name of a secret, such as VOID_DOCKER_TRIGGER, found something else (not shown: it may be the secret itself, which belongs in the environment or in .env)",
  })
  .describe("The name of a secret, never the secret itself.");

function asSentence(what: string): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}.`;
}
