// A mistake in how the program was started or set up.

/** A mistake of the user; the message says how to correct it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
