// `tagrelay watch`: shows the progress of one run or of all active runs.
import type { RunAnswer } from "../../../shared/http/api/answers.ts";
import { pipelineOfRunId } from "../../../shared/run/run-id.ts";
import { CliError, exitCodes } from "../cli-error.ts";
import { type Client, createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import type { Io } from "../io.ts";
import { watchRuns } from "../watch/watch-runs.ts";
import { lastRunOf } from "./change-run.ts";

export async function watch(
  io: Io,
  target: string | undefined,
  options: ConnectionOptions & { json?: true | undefined },
) {
  const client = createClient(readConnection(io, options));
  const runs = await findRuns(client, target);
  return watchRuns(io, client, runs, { asJson: options.json === true, areNew: false });
}

async function findRuns(client: Client, target: string | undefined): Promise<RunAnswer[]> {
  if (target !== undefined) {
    return [pipelineOfRunId(target) === null ? await lastRunOf(client, target) : await client.run(target)];
  }
  const pipelines = await client.pipelines();
  const active = pipelines.flatMap(({ run }) => (run?.status === "running" ? [run] : []));
  if (active.length > 0) return active;
  throw new CliError(
    exitCodes.refused,
    "expected an active run, found none; start one with: tagrelay run PIPELINE",
  );
}
