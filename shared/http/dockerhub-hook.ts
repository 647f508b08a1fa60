// POST /hooks/dockerhub/{secret}: Docker Hub tells that a tag was pushed.
import type { Context } from "hono";
import { readPushWebhook } from "../docker-hub/push-webhook.ts";
import { type PushResult, receivePush, unknownImage } from "../relay/receive-push.ts";
import type { Relay } from "../relay/relay.ts";
import { problem } from "./problem.ts";
import { readJson } from "./read-json.ts";
import { isOneOf } from "./secrets.ts";

const bodyAtMostBytes = 1024 * 1024;

/** More than one secret is accepted while one takes the place of another. */
export type ReadWebhookSecrets = () => Promise<readonly string[]>;

export async function takeDockerhubHook(
  c: Context,
  relay: Relay,
  readSecrets: ReadWebhookSecrets,
): Promise<Response> {
  const refuse = (status: 400 | 404 | 413 | 415, reason: string, detail = reason) => {
    relay.log("warn", { event: "webhook.refused", status, reason });
    return problem(c, status, detail);
  };
  if (!isOneOf(c.req.param("secret") ?? "", await readSecrets())) {
    return refuse(404, "the secret is wrong", "there is nothing here");
  }
  if (!/^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(c.req.header("content-type") ?? "")) {
    return refuse(415, "expected the content type application/json");
  }
  const body = await readJson(c.req.raw, bodyAtMostBytes);
  if (body.kind === "tooLarge") return refuse(413, "expected a body of at most 1 MiB");
  if (body.kind === "empty") return refuse(400, "expected a body of JSON, found none");
  if (body.kind === "notJson") return refuse(400, body.reason);
  const webhook = readPushWebhook(body.value);
  if (webhook.kind === "notPush") return refuse(400, webhook.reason);
  return c.json(answerOf(await receivePush(relay, webhook)));
}

/** An image may be a step of several pipelines: what the push has moved counts. */
function answerOf(results: readonly PushResult[]) {
  const pipelines = results.map(({ pipeline, step, run, outcome }) => {
    const { kind, ...reason } = outcome;
    return { pipeline, step, run, outcome: kind, ...reason };
  });
  const told =
    results.find(({ outcome }) => outcome.kind === "advanced") ??
    results.find(({ outcome }) => outcome.kind === "duplicate") ??
    results[0];
  if (told === undefined) return { outcome: "ignored", reason: unknownImage, pipelines };
  const { kind, ...reason } = told.outcome;
  return { outcome: kind, ...reason, pipelines };
}
