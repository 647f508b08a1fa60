// POST /hooks/bitbucket: Bitbucket Cloud reports that a repository was pushed to.
import type { Context } from "hono";
import { receiveSourcePush, type SourcePushResult, unknownSource } from "../../relay/receive-source-push.ts";
import type { Relay } from "../../relay/relay.ts";
import { readBitbucketPush } from "../../sources/bitbucket/push-webhook.ts";
import { parseJsonBytes } from "../read-body.ts";
import { hookAnswer } from "./hook-answer.ts";
import { isJson, mib, notJson, readSignedBody, toHookBody } from "./hook-body.ts";
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
  const ignore = (reason: string) => {
    relay.log("info", { event: "webhook", bitbucket: event, outcome: "ignored", reason });
    return c.json(hookAnswer([], reason));
  };
  if (event !== "repo:push")
    return ignore("expected the event repo:push in X-Event-Key, found another or none");
  const found = readBitbucketPush(body);
  if (found.kind === "notPush") return refuse(c, relay, { status: 400, reason: found.reason });
  if (found.kind === "ignored") return ignore(found.reason);
  const results: SourcePushResult[] = [];
  // One after another: several of them may start runs of the same pipeline.
  for (const push of found.pushes) {
    results.push(...(await receiveSourcePush(relay, { host: "bitbucket", ...push })));
  }
  return c.json(hookAnswer(results, unknownSource));
}
