// POST /hooks/bitbucket: Bitbucket Cloud reports that a repository was pushed to.
import type { Context } from "hono";
import type { Relay } from "../../relay/relay.ts";
import { readBitbucketPush } from "../../sources/bitbucket/push-webhook.ts";
import { parseJsonBytes } from "../read-body.ts";
import { answerSourcePush } from "./answer-source-push.ts";
import { isJson, mib, notJson, readSignedBody, toHookBody } from "./hook-body.ts";
import { ignoreWebhook } from "./ignore-webhook.ts";
import { limitLargeBodies } from "./limit-large-bodies.ts";
import { refuse, refuseUnauthenticated } from "./refuse.ts";
import { bitbucketSignature, isSigned, signatureProof } from "./signature.ts";
import { isAuthentic, type ReadWebhookSecrets } from "./webhook-secrets.ts";

/** A push lists up to five commits of each branch, and describes each at length. */
const maxMib = 5;

export function createBitbucketHook(relay: Relay, readSecrets: ReadWebhookSecrets) {
  const readBody = limitLargeBodies({ smallBytes: mib, maxBytes: maxMib * mib, maxLargeAtOnce: 8 });
  return async (c: Context): Promise<Response> => {
    const signature = c.req.header(bitbucketSignature.name);
    const refuseUnsigned = () => refuseUnauthenticated(c, relay, bitbucketSignature.name, signatureProof);
    // The body of an unsigned request is not even read.
    if (signature === undefined) return refuseUnsigned();
    if (!isJson(c)) return refuse(c, relay, notJson);
    const sent = await readSignedBody(c, readBody, maxMib);
    if (sent.kind === "refused") return refuse(c, relay, sent.refusal);
    const { bytes } = sent;
    const isProven = await isAuthentic(readSecrets, (known) =>
      isSigned(bytes, signature, bitbucketSignature, known),
    );
    if (!isProven) return refuseUnsigned();
    const body = toHookBody(parseJsonBytes(bytes), maxMib);
    if (body.kind === "refused") return refuse(c, relay, body.refusal);
    return answerEvent(c, relay, body.value);
  };
}

async function answerEvent(c: Context, relay: Relay, body: unknown): Promise<Response> {
  const event = c.req.header("x-event-key") ?? "";
  if (event !== "repo:push") {
    const reason = "expected the event repo:push in X-Event-Key, found another or none";
    return ignoreWebhook(c, relay, { bitbucket: event }, reason);
  }
  return answerSourcePush(c, relay, { host: "bitbucket", event }, readBitbucketPush(body));
}
