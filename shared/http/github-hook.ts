// POST /hooks/github: GitHub tells that a repository was pushed to, or how a workflow's run has ended.
import { createHmac } from "node:crypto";
import type { Context } from "hono";
import { readGithubPush } from "../github/push-webhook.ts";
import { readWorkflowRun } from "../github/workflow-run-webhook.ts";
import { receiveFailure, unknownBuild } from "../relay/receive-build-end.ts";
import { receiveSourcePush, unknownSource } from "../relay/receive-source-push.ts";
import type { Relay } from "../relay/relay.ts";
import {
  answerOf,
  type HookBody,
  hookBodyOf,
  isJson,
  knowsSecret,
  mib,
  type ReadWebhookSecrets,
  refuse,
  refuseUnproven,
} from "./hook.ts";
import { createLargeBodies, type LargeBodies } from "./large-bodies.ts";
import { decodeText, parseJson } from "./read-json.ts";
import { isOneOf } from "./secrets.ts";

/** A push that changes thousands of files is told with all their names. AWS takes no more than 6 MB. */
const bodyAtMostMib = 5;
const signatureHeader = "X-Hub-Signature-256";

export function createGithubHook(relay: Relay, readSecrets: ReadWebhookSecrets) {
  // The signature is over the whole body: it has to be read before anyone knows whose it is.
  const readBody = createLargeBodies({
    smallBytes: mib,
    atMostBytes: bodyAtMostMib * mib,
    largeAtOnce: 8,
  });
  return (c: Context) => takeGithubHook(c, relay, readSecrets, readBody);
}

async function takeGithubHook(
  c: Context,
  relay: Relay,
  readSecrets: ReadWebhookSecrets,
  readBody: LargeBodies,
): Promise<Response> {
  const signature = c.req.header(signatureHeader);
  const refuseUnsigned = () =>
    refuseUnproven(c, relay, signatureHeader, "the body signed with the webhook's secret");
  // Whoever has not signed is not read.
  if (signature === undefined) return refuseUnsigned();
  if (!isJson(c) && !isForm(c)) {
    const reason = "expected the content type application/json or application/x-www-form-urlencoded";
    return refuse(c, relay, { status: 415, reason });
  }
  const sent = await readBody(c);
  if (sent.kind === "busy") {
    const reason = "too many large bodies are being read; send it again";
    return refuse(c, relay, { status: 503, reason, headers: { "retry-after": "5" } });
  }
  if (sent.kind === "bytes") {
    const { bytes } = sent;
    const isKnown = await knowsSecret(readSecrets, (secrets) => isSigned(bytes, signature, secrets));
    if (!isKnown) return refuseUnsigned();
  }
  const body = sent.kind === "bytes" ? readPayload(c, sent.bytes) : hookBodyOf(sent, bodyAtMostMib);
  if (body.kind === "refused") return refuse(c, relay, body.refusal);
  return takeEvent(c, relay, c.req.header("x-github-event") ?? "", body.value);
}

function isForm(c: Context): boolean {
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(c.req.header("content-type") ?? "");
}

/** The body as it came is what is signed, not what it means. */
function isSigned(bytes: Uint8Array, signature: string, secrets: readonly string[]): boolean {
  const made = secrets.map((secret) => `sha256=${createHmac("sha256", secret).update(bytes).digest("hex")}`);
  return isOneOf(signature, made);
}

function readPayload(c: Context, bytes: Uint8Array): HookBody {
  const text = decodeText(bytes);
  if (text === null)
    return hookBodyOf({ kind: "notJson", reason: "expected a body in UTF-8" }, bodyAtMostMib);
  if (isJson(c)) return hookBodyOf(parseJson(text), bodyAtMostMib);
  const payload = new URLSearchParams(text).get("payload");
  const reason = "expected the field payload in the form, found none";
  return hookBodyOf(payload === null ? { kind: "notJson", reason } : parseJson(payload), bodyAtMostMib);
}

async function takeEvent(c: Context, relay: Relay, event: string, body: unknown): Promise<Response> {
  const ignore = (reason: string) => {
    relay.log("info", { event: "webhook", github: event, outcome: "ignored", reason });
    return c.json(answerOf([], reason));
  };
  switch (event) {
    case "ping":
      return ignore("ping: GitHub and Tagrelay know each other now");
    case "push": {
      const push = readGithubPush(body);
      if (push.kind === "notPush") return refuse(c, relay, { status: 400, reason: push.reason });
      if (push.kind === "ignored") return ignore(push.reason);
      return c.json(answerOf(await receiveSourcePush(relay, push), unknownSource));
    }
    case "workflow_run": {
      const run = readWorkflowRun(body);
      if (run.kind === "notRun") return refuse(c, relay, { status: 400, reason: run.reason });
      if (run.kind === "ignored") return ignore(run.reason);
      const { repository, id, titles, reason } = run;
      const told = { builder: "github", projects: [repository], id, titles, reason } as const;
      return c.json(answerOf(await receiveFailure(relay, told), unknownBuild));
    }
    default:
      return ignore("expected the event push or workflow_run in X-GitHub-Event, found another or none");
  }
}
