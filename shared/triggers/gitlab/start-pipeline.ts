// Starts a pipeline of GitLab CI by a trigger token.
import { triggerTimeoutMs } from "../../core/timing.ts";
import { atStandIn } from "../../outgoing/origins.ts";
import type { Answer } from "../../outgoing/send.ts";
import { fillIn, type Values, valuesOf } from "../placeholders.ts";
import { withTicket } from "../read-ticket.ts";
import { advise, missingSecret, readAnswer, type TriggerKind } from "../trigger.ts";
import type { GitlabSettings } from "./settings.ts";

export const gitlab: TriggerKind<GitlabSettings> = {
  start: async (settings, build, { send, origins, readSecret, clock }) => {
    const secret = await readSecret(settings.secret);
    if (secret === null) return missingSecret(settings.secret);
    const { address, body } = requestOf(settings, valuesOf(build), secret.trim());
    const answer = await send({
      method: "POST",
      url: atStandIn(address, origins),
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body,
      timeoutMs: triggerTimeoutMs,
    });
    if (saysTooMany(answer)) {
      return {
        kind: "refused",
        reason: "GitLab has started too many pipelines in the last minute",
        retryAfterMs: 60_000,
      };
    }
    const outcome = advise(readAnswer("GitLab", answer, clock), answer, (status) =>
      adviceFor(status, settings),
    );
    return withTicket(outcome, answer, { id: "id", url: "web_url" });
  },
  secretsOf: ({ secret }) => [secret],
  originsOf: ({ host }) => [`https://${host}`],
};

/** What is asked for, and where. */
export function requestOf(
  { project, ref, variables = {}, host }: GitlabSettings,
  values: Values,
  token: string,
): { address: URL; body: string } {
  const form = new URLSearchParams({ token, ref });
  for (const [name, text] of Object.entries(variables)) form.set(`variables[${name}]`, fillIn(text, values));
  const id = encodeURIComponent(String(project));
  return {
    address: new URL(`https://${host}/api/v4/projects/${id}/trigger/pipeline`),
    body: form.toString(),
  };
}

/** GitLab's limit of pipelines a minute is a 400 with a message, as is a ref that is not there. */
function saysTooMany(answer: Answer): boolean {
  return (
    answer.kind === "answered" && answer.status === 400 && /too many pipelines created/i.test(answer.text)
  );
}

function adviceFor(status: number, { project, ref, secret }: GitlabSettings): string | null {
  switch (status) {
    case 400:
      return `the branch or tag ${ref} is not there, no job of its .gitlab-ci.yml is for a trigger, or it does not take these variables`;
    case 401:
      return `the token in ${secret} is not one for project ${project}`;
    case 403:
      return `the owner of the token in ${secret} may not run pipelines of project ${project}`;
    case 404:
      // GitLab says the same of a project that is not there and of a token that is not its own.
      return `project ${project} is not there, or the token in ${secret} is not one of its pipeline trigger tokens, or no longer`;
    default:
      return null;
  }
}
