// The grammar of channels whose URL is a secret.
import * as z from "zod";
import { secretName } from "../validation/forms.ts";

/** An error does not show what was found in place of the map: it is probably the URL. */
export const secretUrl = z.strictObject(
  { secret: secretName },
  {
    error: ({ code }) =>
      code === "invalid_type"
        ? "expected a map such as { secret: OPS_URL }, found something else (not shown: it may be the secret itself)"
        : undefined,
  },
);
export type SecretUrl = z.infer<typeof secretUrl>;
