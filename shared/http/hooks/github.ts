// POST /hooks/github: GitHub reports that a repository or an image was pushed to, or how a workflow run ended.
import type { Context } from "hono";
import { readWorkflowRun } from "../../builders/github/webhook.ts";
import { readGhcrPush } from "../../registries/ghcr/push-webhook.ts";
import { receiveBuildEnd, whyNoStep } from "../../relay/receive-build-end.ts";
import type { Relay } from "../../relay/relay.ts";
import { readGithubPush } from "../../sources/github/push-webhook.ts";
import { decodeText, notUtf8, parseJsonBody, parseJsonBytes } from "../read-body.ts";
import { answerRegistryWebhook } from "./answer-registry-webhook.ts";
import { answerSourcePush } from "./answer-source-push.ts";
import { hookAnswer } from "./hook-answer.ts";
import { type HookBody, isJson, mib, readSignedBody, toHookBody } from "./hook-body.ts";
import { ignoreWebhook } from "./ignore-webhook.ts";
import { limitLargeBodies, type ReadLimited } from "./limit-large-bodies.ts";
import { refuse, refuseUnauthenticated } from "./refuse.ts";
import { hubSignature, isSigned, signatureProof } from "./signature.ts";
import { findSender, type Sender, type WebhookSecrets } from "./webhook-secrets.ts";

/** A push lists the names of all files that it changes. AWS accepts requests of up to 6 MB. */
const maxMib = 5;

export function createGithubHook(relay: Relay, secrets: WebhookSecrets) {
  // The signature covers the whole body, so the body has to be read before its sender is known.
  const readBody = limitLargeBodies({ smallBytes: mib, maxBytes: maxMib * mib, maxLargeAtOnce: 8 });
  return (c: Context) => receiveGithubHook(c, relay, secrets, readBody);
}

async function receiveGithubHook(
  c: Context,
  relay: Relay,
  secrets: WebhookSecrets,
  readBody: ReadLimited,
): Promise<Response> {
  const signature = c.req.header(hubSignature.name);
  const refuseUnsigned = () => refuseUnauthenticated(c, relay, hubSignature.name, signatureProof);
  // The body of an unsigned request is not even read.
  if (signature === undefined) return refuseUnsigned();
  if (!isJson(c) && !isForm(c)) {
    const reason = "expected the content type application/json or application/x-www-form-urlencoded";
    return refuse(c, relay, { status: 415, reason });
  }
  const sent = await readSignedBody(c, readBody, maxMib);
  if (sent.kind === "refused") return refuse(c, relay, sent.refusal);
  const { bytes } = sent;
  const sender = await findSender(secrets, (known) => isSigned(bytes, signature, hubSignature, known));
  const event = c.req.header("x-github-event") ?? "";
  // A registry's own secret only proves what is about its images.
  if (sender === null || !(sender.isTrusted || isAboutImages(event))) return refuseUnsigned();
  const body = readPayload(c, bytes);
  if (body.kind === "refused") return refuse(c, relay, body.refusal);
  return answerEvent(c, relay, sender, event, body.value);
}

function isForm(c: Context): boolean {
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(c.req.header("content-type") ?? "");
}

function readPayload(c: Context, bytes: Uint8Array): HookBody {
  if (isJson(c)) return toHookBody(parseJsonBytes(bytes), maxMib);
  const text = decodeText(bytes);
  if (text === null) return toHookBody({ kind: "invalid", reason: notUtf8 }, maxMib);
  const payload = new URLSearchParams(text).get("payload");
  const reason = "expected the form field payload, found none";
  return toHookBody(payload === null ? { kind: "invalid", reason } : parseJsonBody(payload), maxMib);
}

function isAboutImages(event: string): boolean {
  return event === "package" || event === "registry_package" || event === "ping";
}

async function answerEvent(
  c: Context,
  relay: Relay,
  sender: Sender,
  event: string,
  body: unknown,
): Promise<Response> {
  const ignore = (reason: string) => ignoreWebhook(c, relay, { github: event }, reason);
  switch (event) {
    case "ping":
      return ignore("ping: the webhook is set up");
    case "push":
      return answerSourcePush(c, relay, { host: "github", event }, readGithubPush(body));
    case "workflow_run": {
      const run = readWorkflowRun(body);
      if (run.kind === "notRun") return refuse(c, relay, { status: 400, reason: run.reason });
      if (run.kind === "ignored") return ignore(run.reason);
      const { repository, id, titles, end } = run;
      const reported = { builder: "github", projects: [repository], id, titles, end } as const;
      return c.json(hookAnswer(await receiveBuildEnd(relay, reported), whyNoStep(end)));
    }
    case "package":
    case "registry_package":
      return answerRegistryWebhook(c, relay, { github: event }, sender, readGhcrPush(body));
    default:
      return ignore(
        "expected the event push, package, registry_package or workflow_run in X-GitHub-Event, found another or none",
      );
  }
}
