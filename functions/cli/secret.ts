// `tagrelay secret set NAME`: writes a secret into the stack's parameters. The value comes from standard input or from
// a prompt that shows nothing, so that it is in no shell history, no template and no log.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { parameterPrefixOf } from "../../infra/settings.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { say } from "./text.ts";

export async function setSecret(name: string, { stack }: { stack: string }) {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) {
    throw new CliError(
      exitCodes.wrongUsage,
      "expected the name of a secret, such as VOID_DOCKER_TRIGGER, found something else (not shown)",
    );
  }
  const value = (await readValue(name)).trim();
  if (value === "") {
    throw new CliError(exitCodes.wrongUsage, `expected a value for ${name} on standard input, found none`);
  }
  const path = `${parameterPrefixOf(stack)}${name}`;
  await write(path, value);
  say(`${path} is written; functions that are running take it up within five minutes`);
  return exitCodes.done;
}

async function write(Name: string, Value: string): Promise<void> {
  const parameter = { Name, Value, Type: "SecureString", Overwrite: true } as const;
  try {
    await new SSMClient().send(new PutParameterCommand(parameter));
  } catch (error) {
    // The SDK's errors tell what AWS said, and never the value.
    const { name, message } = error instanceof Error ? error : { name: "Error", message: "unknown error" };
    throw new CliError(exitCodes.unreachable, `the secret could not be written: ${name}: ${message}`, {
      cause: error,
    });
  }
}

async function readValue(name: string): Promise<string> {
  if (!process.stdin.isTTY) {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Not before: what is pressed until then would be shown, and Ctrl-C would end the process.
  process.stdout.write(`${name} (not shown): `);
  try {
    return await prompt.question("");
  } catch (error) {
    // Ctrl-C, and Ctrl-D, reject the question.
    throw new CliError(exitCodes.interrupted, "nothing is written", { cause: error });
  } finally {
    prompt.close();
    process.stdout.write("\n");
  }
}
