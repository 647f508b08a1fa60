// `tagrelay list`: prints all pipelines with their last runs and next starts.
import type { PipelineAnswer } from "../../../shared/http/api/answers.ts";
import { describeRun } from "../../../shared/progress/describe-run.ts";
import { describeProgress } from "../../../shared/progress/progress-of.ts";
import { exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { type Io, print, printJson } from "../io.ts";
import { statusSymbol } from "../symbols.ts";
import { bold, dim, formatRelative, table } from "../text.ts";
import { toRun } from "../to-run.ts";

export async function list(io: Io, options: ConnectionOptions & { json?: true | undefined }) {
  const client = createClient(readConnection(io, options));
  const pipelines = await client.pipelines();
  if (options.json) printJson(io, { pipelines });
  else print(io, ...table(pipelines.map((pipeline) => rowOf(pipeline, client.clock()))));
  return exitCodes.success;
}

function rowOf({ name, run, nextStartAt }: PipelineAnswer, now: number): string[] {
  const next = nextStartAt === undefined ? "" : dim(`starts ${formatRelative(nextStartAt, now)}`);
  if (run === null) return [bold(name), dim("has not run yet"), next];
  const shown = toRun(run);
  const extent = run.status === "running" ? describeProgress(shown) : formatRelative(run.endedAt, now);
  return [bold(name), `${statusSymbol(run.status)} ${describeRun(shown, now)}, ${extent}`, next];
}
