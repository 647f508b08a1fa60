// Which servers the local program sends requests to: the real ones, replacements given on the command line, or
// simulated ones.
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { CallAws } from "../../shared/aws/call-aws.ts";
import { hasCredentials } from "../../shared/aws/has-credentials.ts";
import { simulatedCodebuildPath } from "../../shared/builders/codebuild/start.ts";
import { namedOrigins } from "../../shared/config/named-origins.ts";
import type { Environment } from "../../shared/environment.ts";
import type { ReadSecret } from "../../shared/kinds/read-secret.ts";
import { allowHosts, type Origins, realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend, type Send } from "../../shared/outgoing/send.ts";
import type { Config, Pipeline } from "../../shared/pipeline/pipeline.ts";
import { registryAddress } from "../../shared/registries/oci/registry-origin.ts";
import { registriesOf } from "../../shared/registries/origins-of-images.ts";
import type { LocalOptions } from "../start-options.ts";
import { isSimulated } from "./is-simulated.ts";
import type { WebhookUrl } from "./simulated-hub/push-webhook.ts";
import { standInSecret } from "./simulated-hub/requested-builds.ts";
import { createSimulatedHub } from "./simulated-hub/simulated-hub.ts";

export type ExternalServices = {
  origins: Origins;
  /** Sends requests to these origins only. */
  send: Send;
  readSecret: ReadSecret;
  /** Null without credentials for AWS. */
  callAws: CallAws | null;
  /** Nothing real is built. */
  isSimulated: boolean;
  start: () => void;
  stop: () => Promise<void>;
};

type Document = Pick<Config, "pipelines" | "channels">;

export async function openExternalServices(
  options: LocalOptions,
  env: Environment,
  document: Document,
  webhookUrl: WebhookUrl,
): Promise<ExternalServices> {
  return isSimulated(options)
    ? simulateServices(options, document, webhookUrl)
    : connectServices(options, env, document);
}

function connectServices(
  { live, hubUrl, registryUrl, registries }: LocalOptions,
  env: Environment,
  document: Document,
): ExternalServices {
  // Without --live, no real service gets a request: --hub-url replaces all of them.
  const replacement = live ? null : hubUrl;
  const origins = {
    hub: hubUrl,
    registry: registryUrl ?? replacement,
    github: replacement,
    registries: new Map([...registriesOnThisMachine(document.pipelines), ...registries]),
    others: replacement,
  };
  return {
    origins,
    send: createSend(allowHosts(origins, namedOrigins(document))),
    readSecret: async (name) => env[name] || (live ? null : standInSecret),
    callAws: live || hubUrl === null ? callAwsIfAble(env) : simulateAws(hubUrl),
    isSimulated: false,
    start: () => undefined,
    stop: async () => undefined,
  };
}

/** They are not replaced by --hub-url: nothing leaves this machine. */
function registriesOnThisMachine(pipelines: readonly Pipeline[]): [string, string][] {
  return registriesOf(pipelines).flatMap((registry) => {
    const { protocol, origin } = registryAddress(registry, realOrigins);
    return protocol === "http:" ? [[registry, origin]] : [];
  });
}

async function simulateServices(
  { registryUrl, registries, data }: LocalOptions,
  { pipelines }: Document,
  webhookUrl: WebhookUrl,
): Promise<ExternalServices> {
  const { origin, start, stop } = await createSimulatedHub({
    path: join(data, "simulated-hub.json"),
    pipelines,
    buildMs: simulatedBuildMs,
    webhookUrl,
    // Webhooks go to this program only, at the address that --host gave it.
    send: createSend(({ origin }) => origin === URL.parse(webhookUrl("dockerhub"))?.origin),
  });
  const registry = registryUrl ?? origin;
  const origins = { hub: origin, registry, github: origin, registries, others: origin };
  return {
    origins,
    send: createSend(allowHosts(origins)),
    readSecret: simulateSecrets(pipelines),
    callAws: simulateAws(origin),
    isSimulated: true,
    start,
    stop,
  };
}

function callAwsIfAble(env: Environment): CallAws | null {
  return hasCredentials(env) ? callAwsWith(env) : null;
}

/** Most programs never call AWS, so what signs the calls is loaded for the first one. */
function callAwsWith(env: Environment): CallAws {
  let loading: Promise<CallAws> | null = null;
  const load = async () => (await import("../../shared/aws/call-aws.ts")).createCallAws(env);
  return async (call) => {
    loading ??= load();
    return (await loading)(call);
  };
}

/** The simulated builders take the place of CodeBuild. */
function simulateAws(origin: string): CallAws {
  const endpoint = new URL(simulatedCodebuildPath, origin).href;
  return callAwsWith({
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "simulated",
    AWS_SECRET_ACCESS_KEY: standInSecret,
    AWS_ENDPOINT_URL_CODEBUILD: endpoint,
  });
}

/** Simulated builders accept any secret, but the private key of a GitHub App must be able to sign. */
function simulateSecrets(pipelines: readonly Pipeline[]): ReadSecret {
  const keyNames = new Set(
    pipelines.flatMap(({ steps }) =>
      steps.flatMap(({ trigger }) =>
        trigger.kind === "github" && "app" in trigger ? [trigger.app.secret] : [],
      ),
    ),
  );
  if (keyNames.size === 0) return async () => standInSecret;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return async (name) => (keyNames.has(name) ? key : standInSecret);
}

/** Two to five seconds, always the same for an image. */
export function simulatedBuildMs(image: string): number {
  const sum = [...image].reduce((all, character) => all + (character.codePointAt(0) ?? 0), 0);
  return 2_000 + (sum % 31) * 100;
}
