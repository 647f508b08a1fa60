// Reads secrets from SSM parameters at first use, and keeps them for a few minutes.
import * as z from "zod/mini";
import { parseJson } from "../validation/parse-json.ts";
import type { CallAws } from "./call-aws.ts";

export type ReadSecrets = (names: readonly string[]) => Promise<(string | null)[]>;

const keepMs = 5 * 60_000;
/** A missing one may be written at any time. */
const keepMissingMs = 10_000;
/** SSM's limit for the names in a request. */
const maxNames = 10;

type Kept = { value: string | null; until: number };

/** Returns a function that reads values by their names; null for each that is missing. */
export function createParameterSecrets(
  callAws: CallAws,
  prefix: string,
  clock: () => number,
  /** Names that will be needed soon. They fill up requests for others. */
  soon: readonly string[] = [],
): ReadSecrets {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<void>>();
  const isStale = (name: string) => (kept.get(name)?.until ?? 0) <= clock();

  const fetch = async (names: readonly string[]): Promise<void> => {
    const found = await getParameters(
      callAws,
      names.map((name) => `${prefix}${name}`),
    );
    for (const name of names) {
      const value = found.get(`${prefix}${name}`) ?? null;
      kept.set(name, { value, until: clock() + (value === null ? keepMissingMs : keepMs) });
    }
  };
  let aloneUntil = 0;
  /** SSM denies the whole request if it denies one name. That must not keep away the names that are needed now. */
  const fetchWith = async (names: readonly string[], others: readonly string[]): Promise<void> => {
    if (others.length === 0) return fetch(names);
    try {
      await fetch([...names, ...others]);
    } catch (error) {
      if (!isPermanent(error)) throw error;
      aloneUntil = clock() + keepMs;
      await fetch(names);
    }
  };
  const fetchAll = async (names: readonly string[]): Promise<void> => {
    const others = (clock() < aloneUntil ? [] : [...new Set(soon)]).filter(
      (name) => isStale(name) && !underWay.has(name) && !names.includes(name),
    );
    await Promise.all(
      inParts(names).map(async (part) => {
        const along = others.splice(0, maxNames - part.length);
        const requested = [...part, ...along];
        const fetching = fetchWith(part, along).finally(() => {
          for (const name of requested) underWay.delete(name);
        });
        for (const name of requested) underWay.set(name, fetching);
        await fetching;
      }),
    );
  };

  return async (names) => {
    const awaited = names.filter((name) => isStale(name) && underWay.has(name));
    // SSM may have denied another name of that request. Any other error counts for all that wait, without more requests.
    for (const name of awaited) await underWay.get(name)?.catch(throwUnlessPermanent);
    // SSM rejects requests that contain a name twice.
    const stale = [...new Set(names.filter(isStale))];
    if (stale.length > 0) await fetchAll(stale);
    return names.map((name) => kept.get(name)?.value ?? null);
  };
}

function inParts(names: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(names.length / maxNames) }, (_, index) =>
    names.slice(index * maxNames, (index + 1) * maxNames),
  );
}

const answerSchema = z.object({ Parameters: z.array(z.object({ Name: z.string(), Value: z.string() })) });

async function getParameters(callAws: CallAws, names: readonly string[]): Promise<Map<string, string>> {
  const answer = await callAws({
    service: "ssm",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.GetParameters" },
    body: JSON.stringify({ Names: names, WithDecryption: true }),
    timeoutMs: 4_000,
    attempts: 3,
    maxTotalMs: 8_000,
  });
  if (answer.kind === "failed") throw new UnreadableSecretsError(names, answer.reason, answer.isPermanent);
  const { data } = answerSchema.safeParse(parseJson(answer.text));
  if (data === undefined)
    throw new UnreadableSecretsError(names, "the answer does not contain them (not shown)");
  return new Map(data.Parameters.map(({ Name, Value }) => [Name, Value]));
}

/** SSM returned neither the parameters nor that they are missing. */
export class UnreadableSecretsError extends Error {
  override readonly name = "UnreadableSecretsError";
  /** True if SSM would answer the same again. */
  readonly isPermanent: boolean;
  constructor(parameters: readonly string[], reason: string, isPermanent = false) {
    super(`could not read the SSM parameters ${parameters.join(", ")}: ${reason}`);
    this.isPermanent = isPermanent;
  }
}

function isPermanent(error: unknown): boolean {
  return error instanceof UnreadableSecretsError && error.isPermanent;
}

function throwUnlessPermanent(error: unknown): void {
  if (!isPermanent(error)) throw error;
}

/** A secret that the program cannot work without is missing. */
export class MissingSecretError extends Error {
  override readonly name = "MissingSecretError";
  constructor(parameter: string) {
    const name = parameter.slice(parameter.lastIndexOf("/") + 1);
    super(`expected the parameter ${parameter}, found none; write it with: npx tagrelay secret set ${name}`);
  }
}
