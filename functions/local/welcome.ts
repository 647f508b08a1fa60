// What the program says of itself when it starts, and what to try next.
import { imageName } from "../../shared/core/image.ts";
import type { LocalOptions } from "./options.ts";
import type { LocalProgram } from "./start.ts";

export function introduce(
  { origin, ownSecrets, isSimulated }: LocalProgram,
  options: LocalOptions,
): string[] {
  const lines = [];
  if (isSimulated) lines.push("Docker Hub is simulated: builds take seconds, and nothing real is built.");
  if (options.hubUrl !== null) lines.push(`Docker Hub is the one at ${options.hubUrl}.`);
  if (ownSecrets.isNew) {
    lines.push(
      `Made up, kept in ${ownSecrets.keptIn}, and shown this once:`,
      `  webhook    ${origin}/hooks/dockerhub/${ownSecrets.webhookSecret}`,
      `  API token  ${ownSecrets.apiToken}`,
    );
  }
  return lines;
}

/** The three next things to try, as commands to copy. */
export function nextThings({ origin, pipelines, ownSecrets }: LocalProgram, options: LocalOptions): string[] {
  const [pipeline] = pipelines;
  const [first] = pipeline?.steps ?? [];
  if (pipeline === undefined || first === undefined) return [];
  const secret = ownSecrets.isNew ? ownSecrets.webhookSecret : "$TAGRELAY_WEBHOOK_SECRET";
  const token = ownSecrets.isNew ? ownSecrets.apiToken : "$TAGRELAY_API_TOKEN";
  const body = JSON.stringify({
    repository: { repo_name: first.image.repository },
    push_data: { tag: first.image.tag },
  });
  const kept =
    ownSecrets.isNew || ownSecrets.keptIn === null ? "" : ` (both are kept in ${ownSecrets.keptIn})`;
  return [
    "",
    `Three things to try next${kept}:`,
    `  1. Start a run:`,
    `     curl -X POST -H "authorization: Bearer ${token}" ${origin}/api/pipelines/${pipeline.name}/runs`,
    `  2. Push ${imageName(first.image)} by hand, once no run is active; what comes after it is then built:`,
    `     curl -H "content-type: application/json" -d '${body}' "${origin}/hooks/dockerhub/${secret}"`,
    `  3. Write your own pipelines into ${options.config ?? "tagrelay.yaml"}, their secrets into .env, and: npm start -- --live`,
    "",
  ];
}
