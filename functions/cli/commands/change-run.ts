// `tagrelay run`, `retry` and `cancel`: what starts, revives and ends a run.
import { pipelineOfRunId } from "../../../shared/core/run-id.ts";
import type { RunAnswer } from "../../../shared/http/api-answers.ts";
import { CliError, exitCodes } from "../cli-error.ts";
import { type Client, createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { say, sayJson } from "../text.ts";
import { watchRuns } from "../watch/watch-runs.ts";

type Options = ConnectionOptions & { json?: true | undefined; watch?: true | undefined };

export async function startRun(pipeline: string, options: Options & { from?: string | undefined }) {
  const client = createClient(readConnection(options));
  const run = await client.start(pipeline, options.from);
  return tellOf(client, run, `${run.id} is started`, options, true);
}

export async function retryRun(target: string, options: Options) {
  const client = createClient(readConnection(options));
  const run = await client.change(await runIdOf(client, target), "retry");
  return tellOf(client, run, `${run.id} goes on`, options);
}

export async function cancelRun(target: string, options: Options) {
  const client = createClient(readConnection(options));
  const run = await client.change(await runIdOf(client, target), "cancel");
  return tellOf(client, run, `${run.id} is cancelled; builds under way are left to themselves`, options);
}

async function tellOf(
  client: Client,
  run: RunAnswer,
  words: string,
  { json, watch }: Options,
  areNew = false,
) {
  if (watch) return watchRuns(client, [run], { asJson: json === true, areNew });
  if (json) sayJson(run);
  else {
    const hint = run.status === "running" ? `; watch it with: tagrelay watch ${run.id}` : "";
    say(`${words}${hint}`);
  }
  return exitCodes.done;
}

/** A run's id, or that of a pipeline's last run. */
export async function runIdOf(client: Client, target: string): Promise<string> {
  return pipelineOfRunId(target) === null ? (await lastRunOf(client, target)).id : target;
}

export async function lastRunOf(client: Client, pipeline: string): Promise<RunAnswer> {
  const { run } = await client.pipeline(pipeline);
  if (run !== null) return run;
  throw new CliError(
    exitCodes.refused,
    `expected a run of ${pipeline}, found none: it has not run yet; start one with: tagrelay run ${pipeline}`,
  );
}
