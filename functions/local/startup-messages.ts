// What the program prints when it starts, and three commands to try next.
import { resolve } from "node:path";
import { dockerHub, type Image, imageName, splitRepository } from "../../shared/image/image.ts";
import { imageSteps } from "../../shared/pipeline/pipeline.ts";
import { nextStart } from "../../shared/pipeline/schedule.ts";
import { registriesOf } from "../../shared/registries/origins-of-images.ts";
import type { LocalOptions } from "../start-options.ts";
import type { OwnSecrets } from "./own-secrets.ts";
import type { LocalProgram } from "./start.ts";

export function describeProgram(
  { origin, pipelines, ownSecrets, isSimulated, isSample, hasPages }: LocalProgram,
  options: LocalOptions,
  now: number,
): string[] {
  const lines = [];
  if (isSample) lines.push("There is no tagrelay.yaml here, so these are the sample's pipelines.");
  if (isSimulated) lines.push("Builds are simulated: they take seconds, and nothing real is built.");
  if (hasPages) lines.push(`Watch the pipelines in a browser: ${origin}/`);
  if (options.hubUrl !== null) lines.push(`Requests for Docker Hub go to ${options.hubUrl}.`);
  const { webhookSecret, apiToken } = ownSecrets;
  if (webhookSecret.isNew || apiToken.isNew) {
    lines.push(`Generated secrets, stored in ${webhookSecret.file ?? apiToken.file} and shown only once:`);
  }
  if (webhookSecret.isNew) lines.push(`  webhook    ${origin}/hooks/dockerhub/${webhookSecret.value}`);
  if (webhookSecret.isNew && registriesOf(pipelines).length > 0) {
    lines.push(
      "             docs/registries.md has the webhooks of other registries, which have the same secret",
    );
  }
  if (apiToken.isNew) lines.push(`  API token  ${apiToken.value}`);
  for (const { name, schedule } of pipelines) {
    const startAt = schedule === null ? null : nextStart(schedule, now);
    if (startAt !== null) lines.push(`${name}: next scheduled run at ${new Date(startAt).toISOString()}`);
  }
  return [...lines, ""];
}

/** Three things to try next, as commands to copy. `command` is how the program was started. */
export function suggestNextSteps(
  { origin, pipelines, ownSecrets }: LocalProgram,
  options: LocalOptions,
  command: string,
): string[] {
  const [pipeline] = pipelines;
  const [first] = pipeline === undefined ? [] : imageSteps(pipeline);
  if (pipeline === undefined || first === undefined) return [];
  const secret = showSecret(ownSecrets, "webhookSecret", "TAGRELAY_WEBHOOK_SECRET");
  const token = showSecret(ownSecrets, "apiToken", "TAGRELAY_API_TOKEN");
  const { kind, body } = exampleWebhook(first.image);
  // `npx` works whether the command is installed for this folder or for everyone.
  const again = command.startsWith("tagrelay") ? `npx ${command}` : command;
  return [
    "",
    "Three things to try next, while the program runs (Ctrl-C stops it):",
    `  1. Start a run:`,
    `     curl -X POST -H "authorization: Bearer ${token}" ${origin}/api/pipelines/${pipeline.name}/runs`,
    `  2. When no run is active, report a push of ${imageName(first.image)}; the steps after it are then built:`,
    `     curl -H "content-type: application/json" -d '${JSON.stringify(body)}' "${origin}/hooks/${kind}/${secret}"`,
    `  3. Write your own pipelines to ${options.config ?? "tagrelay.yaml"} and their secrets to .env, then run: ${again} --live`,
    "",
  ];
}

/** The least that a webhook has to say. */
function exampleWebhook({ repository, tag }: Image) {
  const { host, path } = splitRepository(repository);
  return host === dockerHub
    ? { kind: "dockerhub", body: { repository: { repo_name: repository }, push_data: { tag } } }
    : {
        kind: "distribution",
        body: { events: [{ action: "push", target: { repository: path, tag }, request: { host } }] },
      };
}

/** A new secret is shown this once. Later, the command to copy reads it from its file or from a variable. */
function showSecret(ownSecrets: OwnSecrets, name: keyof OwnSecrets, variable: string): string {
  const { value, file, isNew } = ownSecrets[name];
  if (isNew) return value;
  if (file === null) return `$${variable}`;
  return `$(node -p 'require(${JSON.stringify(resolve(file))}).${name}')`;
}
