// POST /hooks/gitlab: GitLab reports how a pipeline ended.
import type { Context } from "hono";
import { readGitlabPipeline } from "../../builders/gitlab/webhook.ts";
import { receiveBuildEnd, whyNoStep } from "../../relay/receive-build-end.ts";
import type { Relay } from "../../relay/relay.ts";
import { isOneOf } from "../is-one-of.ts";
import { hookAnswer } from "./hook-answer.ts";
import { readHookBody } from "./hook-body.ts";
import { refuse, refuseUnauthenticated } from "./refuse.ts";
import { isAuthentic, type ReadWebhookSecrets } from "./webhook-secrets.ts";

/** The webhook lists all jobs of the pipeline. */
const maxMib = 5;
const tokenHeader = "X-Gitlab-Token";

export function createGitlabHook(relay: Relay, readSecrets: ReadWebhookSecrets) {
  return async (c: Context): Promise<Response> => {
    const given = c.req.header(tokenHeader) ?? "";
    if (!(await isAuthentic(readSecrets, (secrets) => isOneOf(given, secrets)))) {
      return refuseUnauthenticated(c, relay, tokenHeader, "the webhook secret");
    }
    const body = await readHookBody(c, maxMib);
    if (body.kind === "refused") return refuse(c, relay, body.refusal);
    return answerEvent(c, relay, c.req.header("x-gitlab-event") ?? "", body.value);
  };
}

async function answerEvent(c: Context, relay: Relay, event: string, body: unknown): Promise<Response> {
  const ignore = (reason: string) => {
    relay.log("info", { event: "webhook", builder: "gitlab", outcome: "ignored", reason });
    return c.json(hookAnswer([], reason));
  };
  if (event !== "Pipeline Hook") {
    return ignore("expected the event Pipeline Hook in X-Gitlab-Event, found another or none");
  }
  const pipeline = readGitlabPipeline(body);
  if (pipeline.kind === "notPipeline") return refuse(c, relay, { status: 400, reason: pipeline.reason });
  if (pipeline.kind === "ignored") return ignore(pipeline.reason);
  const { projects, id, end } = pipeline;
  const reported = { builder: "gitlab", projects, id, titles: [], end } as const;
  return c.json(hookAnswer(await receiveBuildEnd(relay, reported), whyNoStep(end)));
}
