// The forms that the grammar's values have: a text, one of several maps, the name of a secret.
import * as z from "zod";
import { expectedText } from "./expectation.ts";

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
