// Starts a GitHub Actions workflow that builds and pushes the image: by its name, or by a repository_dispatch event.
import type { BuilderKind } from "../../kinds/builder.ts";
import { fillIn, fillInAll, type Values, valuesOf } from "../placeholders.ts";
import { advise } from "../read-answer.ts";
import { withBuildReference } from "../read-build-reference.ts";
import { postToGithub, readGithubAnswer } from "./post-to-github.ts";
import { readToken } from "./read-token.ts";
import type { GithubSettings } from "./settings.ts";

/** Where GitHub's answer names the workflow run. For an event, it does not return the run that it starts. */
const referenceFields = { id: "workflow_run_id", url: "html_url" };

export const github: BuilderKind<GithubSettings> = {
  start: async (settings, build, context) => {
    const token = await readToken(settings, context);
    if (token.kind !== "token") return token;
    const { path, body } = requestOf(settings, valuesOf(build));
    const answer = await postToGithub(path, token.value, body, context);
    if (answer.kind === "answered" && answer.status === 401 && token.forget()) {
      const reason = "the app's token is no longer valid; a new one will be requested";
      return { kind: "refused", reason, retryAfterMs: null };
    }
    const outcome = advise(readGithubAnswer(answer, context.clock), answer, adviceFor(settings));
    return "workflow" in settings ? withBuildReference(outcome, answer, referenceFields) : outcome;
  },
  secretsOf: (settings) => ["secret" in settings ? settings.secret : settings.app.secret],
  originsOf: () => [],
  projectOf: ({ repository }) => repository,
  identityOf: ({ repository }) => ({
    issuer: "https://token.actions.githubusercontent.com",
    claims: { repository },
  }),
  simulate: (settings, build) => {
    const { path, body } = requestOf(settings, valuesOf(build));
    return { request: { method: "POST", path, body: JSON.stringify(body) }, status: 204, text: "" };
  },
  endedBy: "push",
  localLimitOf: () => null,
};

function requestOf(settings: GithubSettings, values: Values): { path: string; body: unknown } {
  const repository = `/repos/${settings.repository}`;
  if ("workflow" in settings) {
    const { workflow, ref, inputs } = settings;
    return {
      path: `${repository}/actions/workflows/${workflow}/dispatches`,
      // GitHub rejects inputs that the workflow does not declare, so none are added to the configured ones.
      body: {
        ref: fillIn(ref, values),
        ...(inputs === undefined ? {} : { inputs: fillInAll(inputs, values) }),
        // Without it, GitHub does not return the run that it starts.
        return_run_details: true,
      },
    };
  }
  const { event, payload } = settings;
  return {
    path: `${repository}/dispatches`,
    body: {
      event_type: event,
      ...(payload === undefined ? {} : { client_payload: fillInAll(payload, values) }),
    },
  };
}

function adviceFor(settings: GithubSettings): (status: number) => string | null {
  const token =
    "secret" in settings ? `the token in ${settings.secret}` : `the token of app ${settings.app.id}`;
  const permission = "workflow" in settings ? "Actions" : "Contents";
  return (status) => {
    switch (status) {
      case 401:
        return `${token} is invalid or has expired`;
      case 403:
        return `${token} needs write permission for ${permission}`;
      case 404:
        // GitHub's answer is the same if the token may not see the repository.
        return `${settings.repository} does not exist, has no such workflow, or is not visible to ${token}`;
      case 422:
        return "workflow" in settings
          ? "the ref does not exist, the workflow has no workflow_dispatch trigger, or it does not accept these inputs"
          : "GitHub does not accept the event or its payload";
      default:
        return null;
    }
  };
}
