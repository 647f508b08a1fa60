// `tagrelay replay`: sends a saved webhook of a registry.
import * as z from "zod";
import { CliError, exitCodes } from "../cli-error.ts";
import { readAnswer, readProblem, send } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { type Io, print, printJson, readStdin } from "../io.ts";
import { readNamedFile } from "../read-named-file.ts";
import { toSingleLine } from "../text.ts";

const hookAnswer = z.looseObject({
  outcome: z.string(),
  reason: z.string().optional(),
  pipelines: z
    .array(
      z.looseObject({
        pipeline: z.string(),
        step: z.string().nullish(),
        outcome: z.string(),
        reason: z.string().optional(),
      }),
    )
    .default([]),
});

type ReplayOptions = ConnectionOptions & { kind: string; json?: true | undefined };

export async function replay(io: Io, file: string, options: ReplayOptions) {
  const body = file === "-" ? (await readStdin(io)).toString() : readNamedFile(io, file, "a saved webhook");
  const { url, webhookSecret } = readConnection(io, options);
  const secret = webhookSecret();
  const response = await send(`${url}/hooks/${options.kind}/${encodeURIComponent(secret.value)}`, url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (response.status === 404) {
    throw new CliError(
      exitCodes.refused,
      `expected the webhook secret of ${url}, found a different one in ${secret.from} (404 Not Found)`,
    );
  }
  if (!response.ok) throw await readProblem(response, url);
  const answer = await readAnswer(hookAnswer, response, url);
  if (options.json) printJson(io, answer);
  else {
    print(io, describe(answer));
    for (const result of answer.pipelines) {
      print(io, `  ${result.pipeline}${result.step ? ` ${result.step}` : ""}: ${describe(result)}`);
    }
  }
  return exitCodes.success;
}

const describe = ({ outcome, reason }: { outcome: string; reason?: string | undefined }) =>
  toSingleLine(reason === undefined ? outcome : `${outcome}: ${reason}`);
