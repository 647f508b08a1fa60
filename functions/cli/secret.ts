// `tagrelay secret set NAME`: stores a secret of a stack in SSM's parameter store. The value comes from standard input
// or a hidden prompt, which keeps it out of shell history.
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { parameterPrefixOf, problemOfOwnSecret } from "../../shared/settings.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { explainAwsError } from "./explain-aws-error.ts";
import { type Io, print, readStdin } from "./io.ts";
import { promptHidden } from "./prompt-hidden.ts";

export async function setSecret(io: Io, name: string, { stack }: { stack: string }) {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) {
    throw new CliError(
      exitCodes.usageError,
      "expected the name of a secret, such as VOID_DOCKER_TRIGGER, found something else (not shown)",
    );
  }
  const value = (io.stdin.isTTY ? await promptHidden(io, name) : (await readStdin(io)).toString()).trim();
  if (value === "") {
    throw new CliError(exitCodes.usageError, `expected a value for ${name} on standard input, found none`);
  }
  const problem = problemOfOwnSecret(name, value);
  if (problem !== null) throw new CliError(exitCodes.usageError, problem);
  const path = `${parameterPrefixOf(stack)}${name}`;
  await write(path, value);
  print(io, `stored ${path}; running functions use it within five minutes`);
  return exitCodes.success;
}

async function write(Name: string, Value: string): Promise<void> {
  const parameter = { Name, Value, Type: "SecureString", Overwrite: true } as const;
  try {
    await new SSMClient().send(new PutParameterCommand(parameter));
  } catch (error) {
    const reason = explainAwsError(error);
    throw new CliError(exitCodes.unreachable, `the secret could not be stored: ${reason}`, { cause: error });
  }
}
