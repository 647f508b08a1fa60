// `tagrelay replay`: sends a webhook of Docker Hub that was saved, as Docker Hub did.
import { readFileSync } from "node:fs";
import * as z from "zod";
import { CliError, exitCodes } from "../cli-error.ts";
import { ask, readAnswer, readProblem } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { printable, say, sayJson } from "../text.ts";

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

export async function replay(file: string, options: ConnectionOptions & { json?: true | undefined }) {
  const body = read(file);
  const { url, webhookSecret } = readConnection(options);
  const secret = webhookSecret();
  const response = await ask(`${url}/hooks/dockerhub/${encodeURIComponent(secret.value)}`, url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (response.status === 404) {
    throw new CliError(
      exitCodes.refused,
      `expected the webhook's secret of ${url}, found another in ${secret.from} (404 Not Found)`,
    );
  }
  if (!response.ok) throw await readProblem(response, url);
  const answer = await readAnswer(hookAnswer, response, url);
  if (options.json) sayJson(answer);
  else {
    say(wordsFor(answer));
    for (const result of answer.pipelines) {
      say(`  ${result.pipeline}${result.step ? ` ${result.step}` : ""}: ${wordsFor(result)}`);
    }
  }
  return exitCodes.done;
}

const wordsFor = ({ outcome, reason }: { outcome: string; reason?: string | undefined }) =>
  printable(reason === undefined ? outcome : `${outcome}: ${reason}`);

function read(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    const found = code === "ENOENT" ? "no such file" : `one that cannot be read (${code})`;
    throw new CliError(
      exitCodes.wrongUsage,
      `expected a saved webhook in ${JSON.stringify(file)}, found ${found}`,
    );
  }
}
