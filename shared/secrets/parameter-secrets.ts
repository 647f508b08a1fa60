// Reads secrets from SSM parameters, at first use, and keeps them for a few minutes.
import * as z from "zod/mini";
import type { CallAws } from "../aws/call-aws.ts";

export type ReadSecrets = (names: readonly string[]) => Promise<(string | null)[]>;

const keepMs = 5 * 60_000;
/** What is missing may have been written since. */
const keepMissingMs = 10_000;
/** SSM takes ten, but ten of the largest, of 8 KB each, would be more than an answer may have. */
const namesAtOnce = 5;

type Kept = { value: string | null; until: number };

/** The values of secrets by their names, null for each that is missing. */
export function createParameterSecrets(callAws: CallAws, prefix: string, clock: () => number): ReadSecrets {
  const kept = new Map<string, Kept>();

  const fetchMissing = async (names: readonly string[]): Promise<void> => {
    const found = await getParameters(
      callAws,
      names.map((name) => `${prefix}${name}`),
    );
    for (const name of names) {
      const value = found.get(`${prefix}${name}`) ?? null;
      kept.set(name, { value, until: clock() + (value === null ? keepMissingMs : keepMs) });
    }
  };

  return async (names) => {
    const stale = names.filter((name) => (kept.get(name)?.until ?? 0) <= clock());
    const parts = Array.from({ length: Math.ceil(stale.length / namesAtOnce) }, (_, index) =>
      stale.slice(index * namesAtOnce, (index + 1) * namesAtOnce),
    );
    await Promise.all(parts.map(fetchMissing));
    return names.map((name) => kept.get(name)?.value ?? null);
  };
}

const answerSchema = z.object({ Parameters: z.array(z.object({ Name: z.string(), Value: z.string() })) });

async function getParameters(callAws: CallAws, names: readonly string[]): Promise<Map<string, string>> {
  const answer = await callAws({
    service: "ssm",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.GetParameters" },
    body: JSON.stringify({ Names: names, WithDecryption: true }),
    timeoutMs: 4_000,
    attempts: 3,
  });
  if (answer.kind === "failed") throw new UnreadableSecretsError(names, answer.reason);
  const { data } = answerSchema.safeParse(parseJson(answer.text));
  if (data === undefined) throw new UnreadableSecretsError(names, "found an answer without them (not shown)");
  return new Map(data.Parameters.map(({ Name, Value }) => [Name, Value]));
}

/** Null for what is no JSON: the error would repeat some of it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** SSM did not say what the parameters are, nor that they are missing. */
export class UnreadableSecretsError extends Error {
  override readonly name = "UnreadableSecretsError";
  constructor(parameters: readonly string[], reason: string) {
    super(`expected SSM to tell the parameters ${parameters.join(", ")}: ${reason}`);
  }
}

/** A secret without which nothing can be answered is not there. */
export class MissingSecretError extends Error {
  override readonly name = "MissingSecretError";
  constructor(parameter: string) {
    const name = parameter.slice(parameter.lastIndexOf("/") + 1);
    super(`expected the parameter ${parameter}, found none; write it with: npm run secret -- ${name}`);
  }
}
