// POST /hooks/dockerhub/{secret}: Docker Hub tells that a tag was pushed.
import type { Context } from "hono";
import { readPushWebhook } from "../docker-hub/push-webhook.ts";
import { receivePush, unknownImage } from "../relay/receive-push.ts";
import type { Relay } from "../relay/relay.ts";
import { answerOf, knowsSecret, type ReadWebhookSecrets, readHookBody, refuse } from "./hook.ts";
import { isOneOf } from "./secrets.ts";

const bodyAtMostMib = 1;

export async function takeDockerhubHook(
  c: Context,
  relay: Relay,
  readSecrets: ReadWebhookSecrets,
): Promise<Response> {
  const given = c.req.param("secret") ?? "";
  if (!(await knowsSecret(readSecrets, (secrets) => isOneOf(given, secrets)))) {
    return refuse(c, relay, { status: 404, reason: "the secret is wrong", detail: "there is nothing here" });
  }
  const body = await readHookBody(c, bodyAtMostMib);
  if (body.kind === "refused") return refuse(c, relay, body.refusal);
  const webhook = readPushWebhook(body.value);
  if (webhook.kind === "notPush") return refuse(c, relay, { status: 400, reason: webhook.reason });
  return c.json(answerOf(await receivePush(relay, webhook), unknownImage));
}
