// POST /hooks/gitlab: GitLab tells how a pipeline has ended.
import type { Context } from "hono";
import { readGitlabPipeline } from "../gitlab/pipeline-webhook.ts";
import { receiveFailure, unknownBuild } from "../relay/receive-build-end.ts";
import type { Relay } from "../relay/relay.ts";
import {
  answerOf,
  knowsSecret,
  type ReadWebhookSecrets,
  readHookBody,
  refuse,
  refuseUnproven,
} from "./hook.ts";
import { isOneOf } from "./secrets.ts";

/** All of a pipeline's jobs are in it. */
const bodyAtMostMib = 5;
const tokenHeader = "X-Gitlab-Token";

export async function takeGitlabHook(
  c: Context,
  relay: Relay,
  readSecrets: ReadWebhookSecrets,
): Promise<Response> {
  const given = c.req.header(tokenHeader) ?? "";
  if (!(await knowsSecret(readSecrets, (secrets) => isOneOf(given, secrets)))) {
    return refuseUnproven(c, relay, tokenHeader, "the webhook's secret");
  }
  const body = await readHookBody(c, bodyAtMostMib);
  if (body.kind === "refused") return refuse(c, relay, body.refusal);
  const ignore = (reason: string) => {
    relay.log("info", { event: "webhook", builder: "gitlab", outcome: "ignored", reason });
    return c.json(answerOf([], reason));
  };
  if (c.req.header("x-gitlab-event") !== "Pipeline Hook") {
    return ignore("expected the event Pipeline Hook in X-Gitlab-Event, found another or none");
  }
  const pipeline = readGitlabPipeline(body.value);
  if (pipeline.kind === "notPipeline") return refuse(c, relay, { status: 400, reason: pipeline.reason });
  if (pipeline.kind === "ignored") return ignore(pipeline.reason);
  const { projects, id, reason } = pipeline;
  const told = { builder: "gitlab", projects, id, titles: [], reason } as const;
  return c.json(answerOf(await receiveFailure(relay, told), unknownBuild));
}
