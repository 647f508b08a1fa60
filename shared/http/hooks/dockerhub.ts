// POST /hooks/dockerhub/{secret}: Docker Hub reports that a tag was pushed.
import type { Context } from "hono";
import { readPushWebhook } from "../../registries/dockerhub/push-webhook.ts";
import { receivePush, unknownImage } from "../../relay/receive-push.ts";
import type { Relay } from "../../relay/relay.ts";
import { isOneOf } from "../is-one-of.ts";
import { hookAnswer } from "./hook-answer.ts";
import { readHookBody } from "./hook-body.ts";
import { refuse } from "./refuse.ts";
import { isAuthentic, type ReadWebhookSecrets } from "./webhook-secrets.ts";

const maxMib = 1;

export function createDockerhubHook(relay: Relay, readSecrets: ReadWebhookSecrets) {
  return async (c: Context): Promise<Response> => {
    const given = c.req.param("secret") ?? "";
    if (!(await isAuthentic(readSecrets, (secrets) => isOneOf(given, secrets)))) {
      // The same answer as for a route that does not exist.
      return refuse(c, relay, { status: 404, reason: "the secret in the URL is wrong", detail: "not found" });
    }
    const body = await readHookBody(c, maxMib);
    if (body.kind === "refused") return refuse(c, relay, body.refusal);
    const webhook = readPushWebhook(body.value);
    if (webhook.kind === "notPush") return refuse(c, relay, { status: 400, reason: webhook.reason });
    return c.json(hookAnswer(await receivePush(relay, webhook), unknownImage));
  };
}
