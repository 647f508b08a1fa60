// What the program says of itself when it starts, and what to try next.
import { resolve } from "node:path";
import { imageName } from "../../shared/core/image.ts";
import { nextStart } from "../../shared/core/schedule.ts";
import type { OwnSecrets } from "./environment.ts";
import type { LocalOptions } from "./options.ts";
import type { LocalProgram } from "./start.ts";

export function introduce(
  { origin, pipelines, ownSecrets, isSimulated, hasPages }: LocalProgram,
  options: LocalOptions,
  now: number,
): string[] {
  const lines = [];
  if (isSimulated) lines.push("Docker Hub is simulated: builds take seconds, and nothing real is built.");
  if (hasPages) lines.push(`See the pipelines in a browser: ${origin}/`);
  if (options.hubUrl !== null) lines.push(`Docker Hub is the one at ${options.hubUrl}.`);
  const { webhookSecret, apiToken } = ownSecrets;
  if (webhookSecret.isNew || apiToken.isNew) {
    lines.push(`Made up, kept in ${webhookSecret.keptIn ?? apiToken.keptIn}, and shown this once:`);
  }
  if (webhookSecret.isNew) lines.push(`  webhook    ${origin}/hooks/dockerhub/${webhookSecret.value}`);
  if (apiToken.isNew) lines.push(`  API token  ${apiToken.value}`);
  for (const { name, schedule } of pipelines) {
    const startAt = schedule === null ? null : nextStart(schedule, now);
    if (startAt !== null) lines.push(`${name} starts next at ${new Date(startAt).toISOString()}`);
  }
  return [...lines, ""];
}

/** The three next things to try, as commands to copy. */
export function nextThings({ origin, pipelines, ownSecrets }: LocalProgram, options: LocalOptions): string[] {
  const [pipeline] = pipelines;
  const [first] = pipeline?.steps ?? [];
  if (pipeline === undefined || first === undefined) return [];
  const secret = showSecret(ownSecrets, "webhookSecret", "TAGRELAY_WEBHOOK_SECRET");
  const token = showSecret(ownSecrets, "apiToken", "TAGRELAY_API_TOKEN");
  const body = JSON.stringify({
    repository: { repo_name: first.image.repository },
    push_data: { tag: first.image.tag },
  });
  return [
    "",
    "Three things to try next, while this runs (Ctrl-C stops it):",
    `  1. Start a run:`,
    `     curl -X POST -H "authorization: Bearer ${token}" ${origin}/api/pipelines/${pipeline.name}/runs`,
    `  2. Push ${imageName(first.image)} by hand, once no run is active; what comes after it is then built:`,
    `     curl -H "content-type: application/json" -d '${body}' "${origin}/hooks/dockerhub/${secret}"`,
    `  3. Write your own pipelines into ${options.config ?? "tagrelay.yaml"}, their secrets into .env, and: npm start -- --live`,
    "",
  ];
}

/** Shown once; from then on a command looks it up itself. */
function showSecret(ownSecrets: OwnSecrets, name: keyof OwnSecrets, variable: string): string {
  const { value, keptIn, isNew } = ownSecrets[name];
  if (isNew) return value;
  if (keptIn === null) return `$${variable}`;
  return `$(node -p 'require(${JSON.stringify(resolve(keptIn))}).${name}')`;
}
