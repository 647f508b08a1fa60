// `tagrelay run`, `retry`, `approve` and `cancel`.
import type { RunAnswer } from "../../../shared/http/api/answers.ts";
import { pipelineOfRunId } from "../../../shared/run/run-id.ts";
import { CliError, exitCodes } from "../cli-error.ts";
import { type Client, createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { type Io, print, printJson } from "../io.ts";
import { watchRuns } from "../watch/watch-runs.ts";

type Options = ConnectionOptions & { json?: true | undefined; watch?: true | undefined };

type StartOptions = Options & { from?: string | undefined; onlyStale?: true | undefined; set: string[] };

export async function startRun(io: Io, pipeline: string, options: StartOptions) {
  const client = createClient(readConnection(io, options));
  const from = options.from === undefined ? {} : { from: options.from };
  const parameters = readParameters(options.set);
  const run = await client.start(pipeline, {
    ...from,
    ...(options.onlyStale ? { only: "stale" } : {}),
    ...(options.set.length === 0 ? {} : { parameters }),
  });
  if (options.watch) return watchRuns(io, client, [run], { asJson: options.json === true, areNew: true });
  return report(io, run, `started run ${run.id}`, options);
}

function readParameters(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
      throw new CliError(
        exitCodes.usageError,
        `expected a parameter and its value such as version=1.2.3 after --set, found ${JSON.stringify(text)}`,
      );
    }),
  );
}

export async function retryRun(io: Io, target: string, options: Options) {
  const client = createClient(readConnection(io, options));
  const run = await client.change(await findRunId(client, target), "retry");
  if (options.watch) return watchRuns(io, client, [run], { asJson: options.json === true, areNew: false });
  return report(io, run, `run ${run.id} continues`, options);
}

export async function approveGate(io: Io, target: string, step: string, options: Options) {
  const client = createClient(readConnection(io, options));
  const run = await client.approve(await findRunId(client, target), step);
  return report(io, run, `approved ${step}`, options);
}

export async function cancelRun(io: Io, target: string, options: Options) {
  const client = createClient(readConnection(io, options));
  const run = await client.change(await findRunId(client, target), "cancel");
  return report(
    io,
    run,
    `cancelled run ${run.id}; its commands and builds of CodeBuild are stopped, and other builds go on`,
    options,
  );
}

function report(io: Io, run: RunAnswer, text: string, { json }: Options) {
  if (json) printJson(io, run);
  else print(io, `${text}${run.status === "running" ? `; watch it with: tagrelay watch ${run.id}` : ""}`);
  return exitCodes.success;
}

/** The name of a pipeline stands for its last run. */
export async function findRunId(client: Client, target: string): Promise<string> {
  return pipelineOfRunId(target) === null ? (await lastRunOf(client, target)).id : target;
}

export async function lastRunOf(client: Client, pipeline: string): Promise<RunAnswer> {
  const { run } = await client.pipeline(pipeline);
  if (run !== null) return run;
  throw new CliError(
    exitCodes.refused,
    `expected a run of ${pipeline}, found none; start one with: tagrelay run ${pipeline}`,
  );
}
