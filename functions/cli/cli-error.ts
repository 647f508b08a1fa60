// The exit codes of the command line, and an error that carries one.

export const exitCodes = {
  success: 0,
  /** The run failed, the configuration is invalid, or the deployment has problems. */
  failure: 1,
  usageError: 2,
  /** `tagrelay stale`: no image is stale, but some could not be judged. */
  unknown: 2,
  unreachable: 3,
  refused: 4,
  /** A bug in the command line itself; differs from the code of a failed run. */
  internalError: 70,
  /** Ctrl-C: 128 + SIGINT, as in shells. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
