// Reads secrets from SSM parameters, at first use, and keeps them for a few minutes.
import * as z from "zod/mini";
import type { CallAws } from "../aws/call-aws.ts";

export type ReadSecrets = (names: readonly string[]) => Promise<(string | null)[]>;

const keepMs = 5 * 60_000;
/** What is missing may have been written since. */
const keepMissingMs = 10_000;
/** As many as SSM takes. */
const namesAtOnce = 10;

type Kept = { value: string | null; until: number };

/** The values of secrets by their names, null for each that is missing. */
export function createParameterSecrets(
  callAws: CallAws,
  prefix: string,
  clock: () => number,
  /** What is asked for along with others, where there is room: it will be needed soon. */
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
  /** One that may not be read must not keep away those that are needed now. */
  const fetchWith = async (names: readonly string[], others: readonly string[]): Promise<void> => {
    if (others.length === 0) return fetch(names);
    try {
      await fetch([...names, ...others]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      aloneUntil = clock() + keepMs;
      await fetch(names);
    }
  };
  const fetchAll = async (names: readonly string[]): Promise<void> => {
    const parts = Array.from({ length: Math.ceil(names.length / namesAtOnce) }, (_, index) =>
      names.slice(index * namesAtOnce, (index + 1) * namesAtOnce),
    );
    const others = (clock() < aloneUntil ? [] : [...new Set(soon)]).filter(
      (name) => isStale(name) && !underWay.has(name) && !names.includes(name),
    );
    await Promise.all(
      parts.map(async (part) => {
        const along = others.splice(0, namesAtOnce - part.length);
        const asked = [...part, ...along];
        const fetching = fetchWith(part, along).finally(() => {
          for (const name of asked) underWay.delete(name);
        });
        for (const name of asked) underWay.set(name, fetching);
        await fetching;
      }),
    );
  };

  return async (names) => {
    const asked = names.filter((name) => isStale(name) && underWay.has(name));
    // A refusal may be for another name. Where SSM cannot be asked, it is not asked again for each that waits.
    for (const name of asked) await underWay.get(name)?.catch(unlessRefusal);
    // SSM refuses a name that is asked for twice at once.
    const stale = [...new Set(names.filter(isStale))];
    if (stale.length > 0) await fetchAll(stale);
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
    inAllMs: 8_000,
  });
  if (answer.kind === "failed") throw new UnreadableSecretsError(names, answer.reason, answer.isRefusal);
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
  /** Whether it has answered, and would answer the same again. */
  readonly isRefusal: boolean;
  constructor(parameters: readonly string[], reason: string, isRefusal = false) {
    super(`expected SSM to tell the parameters ${parameters.join(", ")}: ${reason}`);
    this.isRefusal = isRefusal;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof UnreadableSecretsError && error.isRefusal;
}

function unlessRefusal(error: unknown): void {
  if (!isRefusal(error)) throw error;
}

/** A secret without which nothing can be answered is not there. */
export class MissingSecretError extends Error {
  override readonly name = "MissingSecretError";
  constructor(parameter: string) {
    const name = parameter.slice(parameter.lastIndexOf("/") + 1);
    super(`expected the parameter ${parameter}, found none; write it with: npm run secret -- ${name}`);
  }
}
