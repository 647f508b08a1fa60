// `tagrelay doctor --local`: checks the local program, its folder and its secrets.
import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { neededSecrets } from "../../shared/config/needed-secrets.ts";
import { readEnvironment, withSecretFiles } from "../../shared/environment.ts";
import { pipelinesAnswer } from "../../shared/http/api/answers.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { ownSecretNames } from "../../shared/settings.ts";
import { checkHttp } from "./check-http.ts";
import { checkRegistries } from "./check-registries.ts";
import { checkWebhooks } from "./check-webhooks.ts";
import { type ConnectionOptions, readConnection } from "./connection.ts";
import { type Finding, notOk, ok } from "./finding.ts";
import type { Io } from "./io.ts";

export async function examineLocal(
  io: Io,
  config: Config,
  options: ConnectionOptions & { data: string },
): Promise<Finding[]> {
  const { url, token, webhookSecret } = readConnection(io, options, options.data);
  const outputs = new Map([["ApiUrl", `${url}/api`]]);
  const secrets = new Map([
    [ownSecretNames.apiToken, token().value],
    [ownSecretNames.webhookSecret, webhookSecret().value],
  ]);
  const answers = await checkHttp(outputs, secrets, config);
  const isRunning = answers[0]?.isWell === true;
  const needed = neededSecrets(config);
  const names = needed.map(({ secret }) => secret);
  const env = withSecretFiles(readEnvironment(io.resolvePath(".env"), io.env), names, io.resolvePath);
  return [
    ...answers,
    ...(isRunning ? await checkProgram(url, token().value, config) : checkSecrets(needed, env)),
    ...checkFolder(io.resolvePath(options.data), options.data),
    ...(await checkWebhooks(outputs, secrets)),
    ...(await checkRegistries(config, async (name) => env[name] ?? null, env)),
  ];
}

/** A program that runs with --live has all its secrets, wherever it reads them from; one that does not run may lack some. */
function checkSecrets(
  needed: ReturnType<typeof neededSecrets>,
  env: Readonly<Record<string, string | undefined>>,
): Finding[] {
  const byName = new Map(needed.map(({ secret, neededBy }) => [secret, neededBy]));
  return [...byName].map(([name, neededBy]) =>
    env[name]
      ? ok(`the secret ${name} is set`)
      : notOk(
          `the secret ${name}, for ${neededBy}, is not in the environment, in .env or in a file; without it, tagrelay start --live refuses to start`,
        ),
  );
}

async function checkProgram(url: string, token: string, config: Config): Promise<Finding[]> {
  const ask = (path: string) =>
    fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(15_000),
      redirect: "manual",
    }).catch(() => null);
  const [pipelines, metrics] = await Promise.all([ask("/api/pipelines"), ask("/metrics")]);
  // That the API does not answer is reported already.
  if (!pipelines?.ok || !metrics?.ok) return [];
  const { data } = pipelinesAnswer.safeParse(await pipelines.json());
  return [checkPipelines(data?.pipelines ?? [], config), checkSweep(await metrics.text())];
}

function checkPipelines(running: readonly { name: string }[], { pipelines }: Config): Finding {
  const [here, there] = [pipelines, running].map((all) =>
    all
      .map(({ name }) => name)
      .toSorted()
      .join(", "),
  );
  return here === there
    ? ok("the program runs the pipelines of this configuration")
    : notOk(
        `expected the program to run the pipelines of this configuration (${here}), found ${there}; restart it, or name its configuration by --config`,
      );
}

const maxOverdueSeconds = 300;

function checkSweep(metrics: string): Finding {
  const overdue = [...metrics.matchAll(/^tagrelay_overdue_seconds\{.*\} (\S+)$/gm)].map(([, value]) =>
    Number(value),
  );
  const most = Math.max(0, ...overdue);
  return most <= maxOverdueSeconds
    ? ok("the sweep is on time")
    : notOk(`the sweep is ${Math.round(most)} seconds late; see the program's log for sweep.failed`);
}

const minFreeMib = 100;

function checkFolder(path: string, name: string): Finding[] {
  try {
    const mode = statSync(path).mode & 0o777;
    accessSync(path, constants.W_OK);
    const { bavail, bsize } = statfsSync(path);
    const freeMib = Math.floor((bavail * bsize) / 2 ** 20);
    return [
      process.platform !== "win32" && (mode & 0o077) !== 0
        ? notOk(`others can read the data folder ${name}, which may hold secrets; run: chmod 700 ${name}`)
        : ok(`the data folder ${name} is yours alone`),
      freeMib < minFreeMib
        ? notOk(`the disk of the data folder ${name} has ${freeMib} MiB left; make room`)
        : ok(`the disk of the data folder has room`),
    ];
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    return [
      notOk(`expected the data folder ${name} to be writable, found that it is not (${code}); see --data`),
    ];
  }
}
