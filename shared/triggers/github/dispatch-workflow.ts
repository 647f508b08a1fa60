// Starts a workflow of GitHub Actions, which builds and pushes the image.
import { triggerTimeoutMs } from "../../core/timing.ts";
import { withOrigin } from "../../outgoing/origins.ts";
import { missingSecret, readAnswer, type Trigger } from "../trigger.ts";
import type { GithubSettings } from "./settings.ts";

export const dispatchGithubWorkflow: Trigger<GithubSettings> = async (settings, _build, context) => {
  const secret = await context.readSecret(settings.secret);
  if (secret === null) return missingSecret(settings.secret);
  const address = `https://api.github.com/repos/${settings.repository}/actions/workflows/${settings.workflow}/dispatches`;
  const answer = await context.send({
    method: "POST",
    url: withOrigin(address, context.origins) ?? address,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${secret.trim()}`,
      "content-type": "application/json",
      "user-agent": "tagrelay",
      "x-github-api-version": "2022-11-28",
    },
    body: JSON.stringify({
      ref: settings.ref,
      // GitHub refuses inputs that the workflow does not declare: none are sent but those that are asked for.
      ...(settings.inputs === undefined ? {} : { inputs: settings.inputs }),
    }),
    timeoutMs: triggerTimeoutMs,
  });
  return readAnswer("GitHub", answer, context.clock);
};
