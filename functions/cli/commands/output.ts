// `tagrelay output`: prints the latest output of a step's command or of a build, and follows it.
import { CliError, exitCodes } from "../cli-error.ts";
import { type Client, createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import type { Io } from "../io.ts";
import { buildOutputPath, isBuildId } from "../output/build-output-path.ts";
import { followOutput } from "../output/follow-output.ts";
import { findRunId } from "./change-run.ts";

export async function output(
  io: Io,
  target: string,
  step: string | undefined,
  { follow, ...options }: ConnectionOptions & { follow?: true | undefined },
) {
  if (step === undefined && !isBuildId(target)) {
    const message = `expected the name of a step after ${JSON.stringify(target)}, found none; only a build needs none`;
    throw new CliError(exitCodes.usageError, message);
  }
  const client = createClient(readConnection(io, options));
  const path = step === undefined ? buildOutputPath(target) : await pathOfStep(client, target, step);
  if (follow) return followOutput(io, client, path);
  io.stdout.write(await client.output(path));
  return exitCodes.success;
}

async function pathOfStep(client: Client, target: string, step: string): Promise<string> {
  const run = await findRunId(client, target);
  return `/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}/output`;
}
