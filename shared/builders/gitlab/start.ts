// Starts a GitLab CI pipeline with a pipeline trigger token.
import { type BuilderKind, triggerTimeoutMs } from "../../kinds/builder.ts";
import { redirectToStandIn, standInPath } from "../../outgoing/origins.ts";
import type { Answer } from "../../outgoing/send.ts";
import { fillIn, type Values, valuesOf } from "../placeholders.ts";
import { advise, missingSecret, readAnswer } from "../read-answer.ts";
import { withBuildReference } from "../read-build-reference.ts";
import type { GitlabSettings } from "./settings.ts";

export const gitlab: BuilderKind<GitlabSettings> = {
  start: async (settings, build, { send, origins, readSecret, clock }) => {
    const secret = await readSecret(settings.secret);
    if (secret === null) return missingSecret(settings.secret);
    const values = valuesOf(build);
    const { address, body } = requestOf(settings, values, secret.trim());
    const answer = await send({
      method: "POST",
      url: redirectToStandIn(address, origins),
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body,
      timeoutMs: triggerTimeoutMs,
    });
    if (isTooMany(answer)) {
      return {
        kind: "refused",
        reason: "GitLab has started too many pipelines in the last minute",
        retryAfterMs: 60_000,
      };
    }
    const outcome = advise(readAnswer("GitLab", answer, clock), answer, (status) =>
      adviceFor(status, { ...settings, ref: fillIn(settings.ref, values) }),
    );
    return withBuildReference(outcome, answer, { id: "id", url: "web_url" });
  },
  secretsOf: ({ secret }) => [secret],
  originsOf: ({ host }) => [`https://${host}`],
  projectOf: ({ project }) => String(project),
  identityOf: ({ project, host }) => ({
    issuer: `https://${host}`,
    claims: typeof project === "number" ? { project_id: String(project) } : { project_path: project },
  }),
  simulate: (settings, build, secret) => {
    const { address, body } = requestOf(settings, valuesOf(build), secret);
    return { request: { method: "POST", path: standInPath(address), body }, status: 201, text: "" };
  },
  endedBy: "push",
  localLimitOf: () => null,
};

function requestOf(
  { project, ref, variables = {}, host }: GitlabSettings,
  values: Values,
  token: string,
): { address: URL; body: string } {
  const form = new URLSearchParams({ token, ref: fillIn(ref, values) });
  for (const [name, text] of Object.entries(variables)) form.set(`variables[${name}]`, fillIn(text, values));
  const id = encodeURIComponent(String(project));
  return {
    address: new URL(`https://${host}/api/v4/projects/${id}/trigger/pipeline`),
    body: form.toString(),
  };
}

/** For its limit of pipelines per minute, GitLab answers 400, as for a missing ref; only the message differs. */
function isTooMany(answer: Answer): boolean {
  return (
    answer.kind === "answered" && answer.status === 400 && /too many pipelines created/i.test(answer.text)
  );
}

function adviceFor(status: number, { project, ref, secret }: GitlabSettings): string | null {
  switch (status) {
    case 400:
      return `the branch or tag ${ref} does not exist, no job in its .gitlab-ci.yml runs for triggers, or the variables are not allowed`;
    case 401:
      return `the token in ${secret} is not valid for project ${project}`;
    case 403:
      return `the owner of the token in ${secret} may not run pipelines in project ${project}`;
    case 404:
      // GitLab's answer is the same for a missing project and for another project's token.
      return `project ${project} does not exist, or the token in ${secret} is not one of its pipeline trigger tokens (any more)`;
    default:
      return null;
  }
}
