// `tagrelay output`: prints the latest output of a step's command, and follows it.
import { exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import type { Io } from "../io.ts";
import { followOutput } from "../output/follow-output.ts";
import { findRunId } from "./change-run.ts";

export async function output(
  io: Io,
  target: string,
  step: string,
  { follow, ...options }: ConnectionOptions & { follow?: true | undefined },
) {
  const client = createClient(readConnection(io, options));
  const run = await findRunId(client, target);
  if (follow) {
    return followOutput(
      io,
      client,
      `/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}/output`,
    );
  }
  io.stdout.write(await client.output(run, step));
  return exitCodes.success;
}
