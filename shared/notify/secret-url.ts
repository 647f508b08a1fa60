// The grammar of channels whose whole address is a secret.
import * as z from "zod";
import { secretName } from "../core/forms.ts";

/** What stands in place of the map is not repeated: it is likely to be the address. */
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
