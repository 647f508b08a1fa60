// POST /hooks/{kind}/{secret} and POST /hooks/{kind}: a registry reports that tags were pushed.
import type { Context, Hono } from "hono";
import type { ReadRegistryWebhook } from "../../kinds/registry.ts";
import { registryWebhooks } from "../../registries/webhooks.ts";
import type { Relay } from "../../relay/relay.ts";
import { isOneOf } from "../is-one-of.ts";
import { parseJsonBytes, readBytes } from "../read-body.ts";
import { answerRegistryWebhook } from "./answer-registry-webhook.ts";
import { type HookBody, isJson, mib, notJson, readHookBody, refusalOf, toHookBody } from "./hook-body.ts";
import { refuse, refuseUnauthenticated } from "./refuse.ts";
import { giteaSignature, hubSignature, isSigned, type SignatureHeader, signatureProof } from "./signature.ts";
import { findSender, type Sender, type WebhookSecrets } from "./webhook-secrets.ts";

type RegistryHook = {
  kind: string;
  read: ReadRegistryWebhook;
  maxMib: number;
  /** The headers that may contain a signature of the body, if the registry signs its webhooks. */
  signatures: readonly SignatureHeader[];
};

/** A batch may contain many pushes. AWS accepts requests of up to 6 MB. */
const batch = { maxMib: 5, signatures: [] };
const single = { maxMib: 1, signatures: [] };
/** What is signed is read before its sender is known, so it must be small. */
const exceptions = new Map<string, Pick<RegistryHook, "maxMib" | "signatures">>([
  ["dockerhub", single],
  ["gitea", { ...single, signatures: [giteaSignature, hubSignature] }],
]);

export function registerRegistryHooks(app: Hono, relay: Relay, secrets: WebhookSecrets): void {
  for (const [kind, read] of Object.entries(registryWebhooks)) {
    const hook: RegistryHook = { kind, read, ...(exceptions.get(kind) ?? batch) };
    app.post(`/hooks/${kind}/:secret`, (c) => receiveBySecretPath(c, relay, secrets, hook));
    app.post(`/hooks/${kind}`, (c) => receiveByHeader(c, relay, secrets, hook));
  }
}

async function receiveBySecretPath(
  c: Context,
  relay: Relay,
  secrets: WebhookSecrets,
  hook: RegistryHook,
): Promise<Response> {
  const given = c.req.param("secret") ?? "";
  const sender = await findSender(secrets, (known) => isOneOf(given, known));
  if (sender === null) {
    // The same answer as for a route that does not exist.
    return refuse(c, relay, { status: 404, reason: "the secret in the URL is wrong", detail: "not found" });
  }
  return answerBody(c, relay, hook, sender, await readHookBody(c, hook.maxMib));
}

async function receiveByHeader(
  c: Context,
  relay: Relay,
  secrets: WebhookSecrets,
  hook: RegistryHook,
): Promise<Response> {
  const sender = await findSenderByHeader(c, secrets);
  if (sender !== null) return answerBody(c, relay, hook, sender, await readHookBody(c, hook.maxMib));
  const isSignedBy = hook.signatures.filter(({ name }) => c.req.header(name) !== undefined);
  if (isSignedBy.length > 0) return receiveSigned(c, relay, secrets, hook, isSignedBy);
  return refuseUnauthenticated(c, relay, "Authorization", "the webhook secret");
}

async function findSenderByHeader(c: Context, secrets: WebhookSecrets): Promise<Sender | null> {
  const header = c.req.header("authorization");
  if (header === undefined) return null;
  const [, token = header] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  // Harbor sends the header's text as it was configured, with or without the scheme.
  return findSender(secrets, (known) => isOneOf(token, known) || isOneOf(header, known));
}

async function receiveSigned(
  c: Context,
  relay: Relay,
  secrets: WebhookSecrets,
  hook: RegistryHook,
  headers: readonly SignatureHeader[],
): Promise<Response> {
  if (!isJson(c)) return refuse(c, relay, notJson);
  const sent = await readBytes(c.req.raw, hook.maxMib * mib);
  if (sent.kind !== "bytes") return refuse(c, relay, refusalOf(sent, hook.maxMib));
  const { bytes } = sent;
  const sender = await findSender(secrets, (known) =>
    headers.some((header) => isSigned(bytes, c.req.header(header.name) ?? "", header, known)),
  );
  if (sender === null) {
    return refuseUnauthenticated(c, relay, headers[0]?.name ?? "Authorization", signatureProof);
  }
  return answerBody(c, relay, hook, sender, toHookBody(parseJsonBytes(bytes), hook.maxMib));
}

async function answerBody(
  c: Context,
  relay: Relay,
  { kind, read }: RegistryHook,
  sender: Sender,
  body: HookBody,
): Promise<Response> {
  if (body.kind === "refused") return refuse(c, relay, body.refusal);
  return answerRegistryWebhook(c, relay, { registry: kind }, sender, read(body.value));
}
