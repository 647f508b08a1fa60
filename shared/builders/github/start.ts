// Starts a GitHub Actions workflow that builds and pushes the image: by its name, or by a repository_dispatch event.
import type { BuilderKind } from "../../kinds/builder.ts";
import { fillIn, fillInAll, type Values, valuesOf } from "../placeholders.ts";
import { advise } from "../read-answer.ts";
import { withBuildReference } from "../read-build-reference.ts";
import { callGithub, readGithubAnswer } from "./call-github.ts";
import { afterDispatchMs, enableWorkflow, isDisabledWorkflow } from "./enable-workflow.ts";
import { readToken } from "./read-token.ts";
import type { GithubSettings } from "./settings.ts";

/** Where GitHub's answer names the workflow run. For an event, it does not return the run that it starts. */
const referenceFields = { id: "workflow_run_id", url: "html_url" };

export const github: BuilderKind<GithubSettings> = {
  start: async (settings, build, context) => {
    const token = await readToken(settings, context);
    if (token.kind !== "token") return token;
    const request = { method: "POST", ...requestOf(settings, valuesOf(build)) } as const;
    let answer = await callGithub(request, token.value, context);
    if ("workflow" in settings && settings.enable === true && isDisabledWorkflow(answer)) {
      const failure = await enableWorkflow(settings, token.value, context);
      if (failure !== null) return failure;
      answer = await callGithub({ ...request, timeoutMs: afterDispatchMs }, token.value, context);
    }
    if (answer.kind === "answered" && answer.status === 401 && token.forget()) {
      const reason = "the app's token is no longer valid; a new one will be requested";
      return { kind: "refused", reason, retryAfterMs: null };
    }
    const advice = isDisabledWorkflow(answer) ? adviceForDisabled(settings) : adviceFor(settings);
    const outcome = advise(readGithubAnswer(answer, context.clock), answer, advice);
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
      event_type: fillIn(event, values),
      ...(payload === undefined ? {} : { client_payload: fillInAll(payload, values) }),
    },
  };
}

function adviceForDisabled(settings: GithubSettings): () => string | null {
  if (!("workflow" in settings)) return () => null;
  const { repository, workflow, enable } = settings;
  const by = `gh workflow enable ${workflow} --repo ${repository}`;
  return () =>
    enable === true
      ? `the workflow ${workflow} is still disabled after it was enabled; see the Actions of ${repository}`
      : `the workflow ${workflow} is disabled; enable it with: ${by}, or set enable: true, which does that`;
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
