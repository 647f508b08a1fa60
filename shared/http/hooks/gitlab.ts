// POST /hooks/gitlab: GitLab reports that a project was pushed to, or how a pipeline ended.
import type { Context } from "hono";
import { readGitlabPipeline } from "../../builders/gitlab/webhook.ts";
import { receiveBuildEnd, whyNoStep } from "../../relay/receive-build-end.ts";
import type { Relay } from "../../relay/relay.ts";
import { readGitlabPush } from "../../sources/gitlab/push-webhook.ts";
import { isOneOf } from "../is-one-of.ts";
import { parseJsonBytes } from "../read-body.ts";
import { answerSourcePush } from "./answer-source-push.ts";
import { isSignedByGitlab, readGitlabSignature, signatureHeader } from "./gitlab-signature.ts";
import { hookAnswer } from "./hook-answer.ts";
import { isJson, mib, notJson, readHookBody, readSignedBody, toHookBody } from "./hook-body.ts";
import { ignoreWebhook } from "./ignore-webhook.ts";
import { limitLargeBodies, type ReadLimited } from "./limit-large-bodies.ts";
import { refuse, refuseUnauthenticated } from "./refuse.ts";
import { isAuthentic, type ReadWebhookSecrets } from "./webhook-secrets.ts";

/** The webhook of a pipeline lists all its jobs, and that of a push the files of its commits. */
const maxMib = 5;
const tokenHeader = "X-Gitlab-Token";

export function createGitlabHook(relay: Relay, readSecrets: ReadWebhookSecrets) {
  const readBody = limitLargeBodies({ smallBytes: mib, maxBytes: maxMib * mib, maxLargeAtOnce: 8 });
  return async (c: Context): Promise<Response> => {
    const given = c.req.header(tokenHeader) ?? "";
    if (!(await isAuthentic(readSecrets, (secrets) => isOneOf(given, secrets)))) {
      return receiveSigned(c, relay, readSecrets, readBody);
    }
    const body = await readHookBody(c, maxMib);
    if (body.kind === "refused") return refuse(c, relay, body.refusal);
    return answerEvent(c, relay, body.value);
  };
}

async function receiveSigned(
  c: Context,
  relay: Relay,
  readSecrets: ReadWebhookSecrets,
  readBody: ReadLimited,
): Promise<Response> {
  const signature = readGitlabSignature(c, relay.clock());
  // The body of a request without a proof is not even read.
  if (signature === null) return refuseUnauthenticated(c, relay, tokenHeader, "the webhook secret");
  if (!isJson(c)) return refuse(c, relay, notJson);
  const sent = await readSignedBody(c, readBody, maxMib);
  if (sent.kind === "refused") return refuse(c, relay, sent.refusal);
  const isSigned = await isAuthentic(readSecrets, (secrets) =>
    isSignedByGitlab(sent.bytes, signature, secrets),
  );
  if (!isSigned) {
    return refuseUnauthenticated(c, relay, signatureHeader, "the request's signature by the signing token");
  }
  if (!signature.isCurrent) {
    const reason =
      "expected a webhook-timestamp within five minutes of this machine's clock, found another; check both clocks";
    return refuse(c, relay, { status: 401, reason });
  }
  const body = toHookBody(parseJsonBytes(sent.bytes), maxMib);
  if (body.kind === "refused") return refuse(c, relay, body.refusal);
  return answerEvent(c, relay, body.value);
}

async function answerEvent(c: Context, relay: Relay, body: unknown): Promise<Response> {
  const event = c.req.header("x-gitlab-event") ?? "";
  const ignore = (reason: string) => ignoreWebhook(c, relay, { gitlab: event }, reason);
  switch (event) {
    case "Push Hook":
    case "Tag Push Hook":
      return answerSourcePush(c, relay, { host: "gitlab", event }, readGitlabPush(body));
    case "Pipeline Hook": {
      const pipeline = readGitlabPipeline(body);
      if (pipeline.kind === "notPipeline") return refuse(c, relay, { status: 400, reason: pipeline.reason });
      if (pipeline.kind === "ignored") return ignore(pipeline.reason);
      const { projects, id, end } = pipeline;
      const reported = { builder: "gitlab", projects, id, titles: [], end } as const;
      return c.json(hookAnswer(await receiveBuildEnd(relay, reported), whyNoStep(end)));
    }
    default:
      return ignore(
        "expected the event Push Hook, Tag Push Hook or Pipeline Hook in X-Gitlab-Event, found another or none",
      );
  }
}
