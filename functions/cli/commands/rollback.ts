// `tagrelay rollback`: points the tags that a run pushed back to what they pointed to before.
import { type ExitCode, exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { type Io, print, printJson } from "../io.ts";
import { dim, table, toSingleLine } from "../text.ts";
import { findRunId } from "./change-run.ts";

export async function rollBack(
  io: Io,
  target: string,
  options: ConnectionOptions & { json?: true | undefined },
): Promise<ExitCode> {
  const client = createClient(readConnection(io, options));
  const answer = await client.rollBack(await findRunId(client, target));
  const hasFailed = answer.steps.some(({ outcome }) => outcome === "failed");
  if (options.json) printJson(io, answer);
  else if (answer.steps.length === 0) print(io, "the run pushed nothing");
  else {
    const rows = answer.steps.map((step) => [
      toSingleLine(step.image),
      words[step.outcome],
      dim(step.outcome === "movedBack" ? step.digest : toSingleLine(step.reason)),
    ]);
    print(io, ...table(rows));
  }
  return hasFailed ? exitCodes.failure : exitCodes.success;
}

const words = { movedBack: "moved back", unchanged: "unchanged", failed: "FAILED" };
