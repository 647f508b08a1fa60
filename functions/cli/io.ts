// The streams, environment and working directory of the commands. Tests inject their own and need no process.
import type { Readable, Writable } from "node:stream";
import type { Environment } from "../../shared/environment.ts";

export type Io = {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable;
  stderr: Writable;
  /** Standard output, if it is a terminal. */
  terminal: NodeJS.WriteStream | null;
  env: Environment;
  /** Resolves a path against the working directory. */
  resolvePath: (path: string) => string;
};

export const processIo: Io = {
  // A getter, as opening standard input takes time and few commands need it.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  terminal: process.stdout.isTTY ? process.stdout : null,
  env: process.env,
  resolvePath: (path) => path,
};

export async function readStdin({ stdin }: Io): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export function print({ stdout }: Io, ...lines: string[]): void {
  for (const line of lines) stdout.write(`${line}\n`);
}

export function printJson(io: Io, value: unknown): void {
  print(io, JSON.stringify(value, null, 2));
}
