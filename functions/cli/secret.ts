// `npm run secret -- NAME`: writes a secret into the stack's parameters. The value comes from standard input or from
// a prompt that shows nothing, so that it is in no shell history, no template and no log.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { defaultStackName, ownSecretNames, parameterPrefixOf } from "../../infra/settings.ts";

const usage = `Usage: npm run secret -- NAME [--stack NAME]

Writes a secret into the parameters of a stack (${defaultStackName} unless told), in the AWS account and region of the
environment. NAME is ${Object.values(ownSecretNames).join(", ")},
or a name that a trigger in tagrelay.yaml has. The value is read from standard input.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { stack: { type: "string" }, help: { type: "boolean" } },
  });
  const [name, ...more] = positionals;
  if (values.help === true || name === undefined || more.length > 0) {
    process.stdout.write(`${usage}\n`);
    return values.help === true ? 0 : 2;
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) {
    return refuse(
      "expected the name of a secret, such as VOID_DOCKER_TRIGGER, found something else (not shown)",
    );
  }
  const value = (await readValue(name)).trim();
  if (value === "") return refuse(`expected a value for ${name} on standard input, found none`);

  const path = `${parameterPrefixOf(values.stack ?? defaultStackName)}${name}`;
  await new SSMClient().send(
    new PutParameterCommand({ Name: path, Value: value, Type: "SecureString", Overwrite: true }),
  );
  process.stdout.write(`${path} is written; functions that are running take it up within five minutes\n`);
  return 0;
}

async function readValue(name: string): Promise<string> {
  if (!process.stdin.isTTY) {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }
  process.stdout.write(`${name} (not shown): `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const value = await prompt.question("");
  prompt.close();
  process.stdout.write("\n");
  return value;
}

function refuse(message: string): number {
  process.stderr.write(`tagrelay: ${message}\n`);
  return 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  // The SDK's errors tell what AWS said, and never the value.
  const { name, message } = error instanceof Error ? error : { name: "Error", message: "unknown error" };
  process.stderr.write(`tagrelay: the secret could not be written: ${name}: ${message}\n`);
  process.exitCode = 1;
}
