// Starts a workflow of GitHub Actions, which builds and pushes the image: by its name, or by an event of its repository.
import { fillInAll, type Values, valuesOf } from "../placeholders.ts";
import { withTicket } from "../read-ticket.ts";
import { advise, type TriggerKind } from "../trigger.ts";
import { postToGithub, readGithubAnswer } from "./post-to-github.ts";
import { readToken } from "./read-token.ts";
import type { GithubSettings } from "./settings.ts";

/** Of a workflow's run. GitHub tells nothing of what an event of the repository begins. */
const ticketFields = { id: "workflow_run_id", url: "html_url" };

export const github: TriggerKind<GithubSettings> = {
  start: async (settings, build, context) => {
    const token = await readToken(settings, context);
    if (token.kind !== "token") return token;
    const { path, body } = requestOf(settings, valuesOf(build));
    const answer = await postToGithub(path, token.value, body, context);
    if (answer.kind === "answered" && answer.status === 401 && token.forget()) {
      return {
        kind: "refused",
        reason: "GitHub no longer knows the app's token: a new one is needed",
        retryAfterMs: null,
      };
    }
    const outcome = advise(readGithubAnswer(answer, context.clock), answer, adviceFor(settings));
    return "workflow" in settings ? withTicket(outcome, answer, ticketFields) : outcome;
  },
  secretsOf: (settings) => ["secret" in settings ? settings.secret : settings.app.secret],
  originsOf: () => [],
};

/** What is asked for, and where. */
export function requestOf(settings: GithubSettings, values: Values): { path: string; body: unknown } {
  const repository = `/repos/${settings.repository}`;
  if ("workflow" in settings) {
    const { workflow, ref, inputs } = settings;
    return {
      path: `${repository}/actions/workflows/${workflow}/dispatches`,
      // GitHub refuses inputs that the workflow does not declare: none are sent but those that are asked for.
      body: {
        ref,
        ...(inputs === undefined ? {} : { inputs: fillInAll(inputs, values) }),
        // Without it, GitHub does not tell which run it has begun.
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
  const who = "secret" in settings ? `the token in ${settings.secret}` : `app ${settings.app.id}`;
  const right = "workflow" in settings ? "write its actions" : "write its contents";
  return (status) => {
    switch (status) {
      case 401:
        return `${who} is not valid, or no longer`;
      case 403:
        return `${who} needs the right to ${right}`;
      case 404:
        // GitHub says the same of what is not there and of what may not be seen.
        return `${settings.repository} is not there, has no such workflow, or is not shown to ${who}`;
      case 422:
        return "workflow" in settings
          ? "the ref is not there, the workflow has no workflow_dispatch, or does not take these inputs"
          : "the event or its payload is not what GitHub takes";
      default:
        return null;
    }
  };
}
