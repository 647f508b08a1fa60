// POST /hooks/{kind}/{secret} and POST /hooks/{kind}: a registry reports that tags were pushed.
import type { Context, Hono } from "hono";
import type { ReadRegistryWebhook } from "../../kinds/registry.ts";
import { registryWebhooks } from "../../registries/webhooks.ts";
import type { Relay } from "../../relay/relay.ts";
import { isOneOf } from "../is-one-of.ts";
import { parseJsonBytes, readBytes } from "../read-body.ts";
import { answerRegistryWebhook } from "./answer-registry-webhook.ts";
import { type HookBody, isJson, mib, notJson, readHookBody, toHookBody } from "./hook-body.ts";
import { refuse, refuseUnauthenticated } from "./refuse.ts";
import { giteaSignature, hubSignature, isSigned, type SignatureHeader, signatureProof } from "./signature.ts";
import { isAuthentic, type ReadWebhookSecrets } from "./webhook-secrets.ts";

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

export function registerRegistryHooks(app: Hono, relay: Relay, readSecrets: ReadWebhookSecrets): void {
  for (const [kind, read] of Object.entries(registryWebhooks)) {
    const hook: RegistryHook = { kind, read, ...(exceptions.get(kind) ?? batch) };
    app.post(`/hooks/${kind}/:secret`, (c) => receiveBySecretPath(c, relay, readSecrets, hook));
    app.post(`/hooks/${kind}`, (c) => receiveByHeader(c, relay, readSecrets, hook));
  }
}

async function receiveBySecretPath(
  c: Context,
  relay: Relay,
  readSecrets: ReadWebhookSecrets,
  hook: RegistryHook,
): Promise<Response> {
  const given = c.req.param("secret") ?? "";
  if (!(await isAuthentic(readSecrets, (secrets) => isOneOf(given, secrets)))) {
    // The same answer as for a route that does not exist.
    return refuse(c, relay, { status: 404, reason: "the secret in the URL is wrong", detail: "not found" });
  }
  return answerBody(c, relay, hook, await readHookBody(c, hook.maxMib));
}

async function receiveByHeader(
  c: Context,
  relay: Relay,
  readSecrets: ReadWebhookSecrets,
  hook: RegistryHook,
): Promise<Response> {
  if (await hasSecretHeader(c, readSecrets)) {
    return answerBody(c, relay, hook, await readHookBody(c, hook.maxMib));
  }
  const isSignedBy = hook.signatures.filter(({ name }) => c.req.header(name) !== undefined);
  if (isSignedBy.length > 0) return receiveSigned(c, relay, readSecrets, hook, isSignedBy);
  return refuseUnauthenticated(c, relay, "Authorization", "the webhook secret");
}

async function hasSecretHeader(c: Context, readSecrets: ReadWebhookSecrets): Promise<boolean> {
  const header = c.req.header("authorization");
  if (header === undefined) return false;
  const [, token = header] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  // Harbor sends the header's text as it was configured, with or without the scheme.
  return isAuthentic(readSecrets, (secrets) => isOneOf(token, secrets) || isOneOf(header, secrets));
}

async function receiveSigned(
  c: Context,
  relay: Relay,
  readSecrets: ReadWebhookSecrets,
  hook: RegistryHook,
  headers: readonly SignatureHeader[],
): Promise<Response> {
  if (!isJson(c)) return refuse(c, relay, notJson);
  const sent = await readBytes(c.req.raw, hook.maxMib * mib);
  if (sent.kind !== "bytes") return answerBody(c, relay, hook, toHookBody(sent, hook.maxMib));
  const { bytes } = sent;
  const isBySender = (secrets: readonly string[]) =>
    headers.some((header) => isSigned(bytes, c.req.header(header.name) ?? "", header, secrets));
  if (!(await isAuthentic(readSecrets, isBySender))) {
    return refuseUnauthenticated(c, relay, headers[0]?.name ?? "Authorization", signatureProof);
  }
  return answerBody(c, relay, hook, toHookBody(parseJsonBytes(bytes), hook.maxMib));
}

async function answerBody(
  c: Context,
  relay: Relay,
  { kind, read }: RegistryHook,
  body: HookBody,
): Promise<Response> {
  if (body.kind === "refused") return refuse(c, relay, body.refusal);
  return answerRegistryWebhook(c, relay, { registry: kind }, read(body.value));
}
