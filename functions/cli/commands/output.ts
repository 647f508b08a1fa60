// `tagrelay output`: prints the latest output of a step's command.
import { exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import type { Io } from "../io.ts";
import { findRunId } from "./change-run.ts";

export async function output(io: Io, target: string, step: string, options: ConnectionOptions) {
  const client = createClient(readConnection(io, options));
  io.stdout.write(await client.output(await findRunId(client, target), step));
  return exitCodes.success;
}
