// `tagrelay output`: what a step's command has said, last.
import { exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { runIdOf } from "./change-run.ts";

export async function output(target: string, step: string, options: ConnectionOptions) {
  const client = createClient(readConnection(options));
  process.stdout.write(await client.output(await runIdOf(client, target), step));
  return exitCodes.done;
}
