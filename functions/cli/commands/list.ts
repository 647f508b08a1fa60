// `tagrelay list`: all pipelines, how their last runs went, and when they start next.

import type { PipelineAnswer } from "../../../shared/http/api-answers.ts";
import { runWords } from "../../local/progress/words.ts";
import { exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { runOfAnswer } from "../run-of-answer.ts";
import { statusSign } from "../signs.ts";
import { bold, dim, say, sayJson, table, whenWords } from "../text.ts";

export async function list(options: ConnectionOptions & { json?: true | undefined }) {
  const client = createClient(readConnection(options));
  const pipelines = await client.pipelines();
  if (options.json) sayJson({ pipelines });
  else say(...table(pipelines.map((pipeline) => rowOf(pipeline, client.clock()))));
  return exitCodes.done;
}

function rowOf({ name, run, nextStartAt }: PipelineAnswer, now: number): string[] {
  const next = nextStartAt === undefined ? "" : dim(`starts ${whenWords(nextStartAt, now)}`);
  if (run === null) return [bold(name), dim("has not run yet"), next];
  const done = run.steps.filter(({ state }) => state === "done").length;
  const ago = run.status === "running" ? `${done} of ${run.steps.length} done` : whenWords(run.endedAt, now);
  return [bold(name), `${statusSign(run.status)} ${runWords(runOfAnswer(run), now)}, ${ago}`, next];
}
