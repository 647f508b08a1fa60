// Reads secrets from SSM parameters, at first use, and keeps them for a few minutes.
import { GetParametersCommand, type SSMClient } from "@aws-sdk/client-ssm";

export type ReadSecrets = (names: readonly string[]) => Promise<(string | null)[]>;

const keepMs = 5 * 60_000;
/** What is missing may have been written since. */
const keepMissingMs = 10_000;

type Kept = { value: string | null; until: number };

/** The values of secrets by their names, null for each that is missing. */
export function createParameterSecrets(client: SSMClient, prefix: string, clock: () => number): ReadSecrets {
  const kept = new Map<string, Kept>();

  const fetchMissing = async (names: readonly string[]): Promise<void> => {
    const { Parameters } = await client.send(
      new GetParametersCommand({ Names: names.map((name) => `${prefix}${name}`), WithDecryption: true }),
    );
    const found = new Map(Parameters?.map(({ Name, Value }) => [Name, Value]));
    for (const name of names) {
      const value = found.get(`${prefix}${name}`) ?? null;
      kept.set(name, { value, until: clock() + (value === null ? keepMissingMs : keepMs) });
    }
  };

  return async (names) => {
    const stale = names.filter((name) => (kept.get(name)?.until ?? 0) <= clock());
    if (stale.length > 0) await fetchMissing(stale);
    return names.map((name) => kept.get(name)?.value ?? null);
  };
}

/** A secret without which nothing can be answered is not there. */
export class MissingSecretError extends Error {
  override readonly name = "MissingSecretError";
  constructor(parameter: string) {
    const name = parameter.slice(parameter.lastIndexOf("/") + 1);
    super(`expected the parameter ${parameter}, found none; write it with: npm run secret -- ${name}`);
  }
}
