// Asks for a secret in a terminal, which does not show it.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CliError, exitCodes } from "./cli-error.ts";
import type { Io } from "./io.ts";

export async function promptHidden({ stdin, stdout }: Io, name: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: stdin, output: nowhere, terminal: true });
  // Only now, as until here the terminal echoes input, and Ctrl-C ends the process.
  stdout.write(`${name} (not shown): `);
  try {
    return await prompt.question("");
  } catch (error) {
    // Ctrl-C and Ctrl-D reject the question.
    throw new CliError(exitCodes.interrupted, "no secret was stored", { cause: error });
  } finally {
    prompt.close();
    stdout.write("\n");
  }
}
