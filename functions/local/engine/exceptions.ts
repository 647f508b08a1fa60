// Converts errors of the embedded engine to ones with the names of the exceptions that AWS's client throws.
import * as z from "zod/mini";
import { StoreUnavailableError } from "../../../shared/store/store.ts";

const engineError = z.object({ body: z.object({ __type: z.string(), message: z._default(z.string(), "") }) });

/** `folder` is that of the data. */
export function toAwsException(error: unknown, folder: string): unknown {
  if (isDamage(error)) {
    return new StoreUnavailableError(
      `expected the state in ${folder} to be whole, found damage while reading it; stop the program, move ${folder} away, and restore a backup with tagrelay restore`,
      { cause: error },
    );
  }
  const { data } = engineError.safeParse(error);
  if (data === undefined) return error;
  const name = data.body.__type.slice(data.body.__type.indexOf("#") + 1);
  return Object.assign(new Error(data.body.message, { cause: error }), { name });
}

/** LevelDB could not unpack a block, or what it read is no JSON. */
function isDamage(error: unknown): boolean {
  const { code, cause } = error instanceof Error && "code" in error ? error : { code: "", cause: null };
  const inner = cause instanceof Error && "code" in cause ? cause.code : "";
  return [code, inner].some((found) => found === "LEVEL_CORRUPTION" || found === "LEVEL_DECODE_ERROR");
}
