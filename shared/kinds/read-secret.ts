// The port through which secrets are read.

/** The value of a secret, or null if it is missing. */
export type ReadSecret = (name: string) => Promise<string | null>;
