// How the command line ends: its exit codes, and the error that carries one.

export const exitCodes = {
  done: 0,
  /** What was asked about is not well: the run failed, the configuration is not valid. */
  notWell: 1,
  wrongUsage: 2,
  unreachable: 3,
  refused: 4,
  /** A mistake in the command itself, which nobody should take for a run that failed. */
  broken: 70,
  /** By Ctrl-C, as shells have it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What was expected, what was found, what to do; and the code to end with. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
