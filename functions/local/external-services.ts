// Which servers the local program sends requests to: the real ones, replacements given on the command line, or
// simulated ones.
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { originsOfTriggers } from "../../shared/builders/builders.ts";
import { originsOfChannels } from "../../shared/channels/channels.ts";
import type { Environment } from "../../shared/environment.ts";
import type { ReadSecret } from "../../shared/kinds/read-secret.ts";
import { allowHosts, type Origins } from "../../shared/outgoing/origins.ts";
import { createSend, type Send } from "../../shared/outgoing/send.ts";
import type { Config, Pipeline } from "../../shared/pipeline/pipeline.ts";
import type { LocalOptions } from "../start-options.ts";
import { standInSecret } from "./simulated-hub/requested-builds.ts";
import { createSimulatedHub } from "./simulated-hub/simulated-hub.ts";

export type ExternalServices = {
  origins: Origins;
  /** Sends requests to these origins only. */
  send: Send;
  readSecret: ReadSecret;
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
  webhookUrl: () => string,
): Promise<ExternalServices> {
  return options.live || options.hubUrl !== null
    ? connectServices(options, env, document)
    : simulateServices(options, document, webhookUrl);
}

function connectServices(
  { live, hubUrl, registryUrl }: LocalOptions,
  env: Environment,
  { pipelines, channels }: Document,
): ExternalServices {
  // Without --live, no real service gets a request: --hub-url replaces all of them.
  const replacement = live ? null : hubUrl;
  const origins = {
    hub: hubUrl,
    registry: registryUrl ?? replacement,
    github: replacement,
    others: replacement,
  };
  const named = [...originsOfTriggers(pipelines), ...originsOfChannels(channels)];
  return {
    origins,
    send: createSend(allowHosts(origins, named)),
    readSecret: async (name) => env[name] || (live ? null : standInSecret),
    isSimulated: false,
    start: () => undefined,
    stop: async () => undefined,
  };
}

async function simulateServices(
  { registryUrl, data }: LocalOptions,
  { pipelines }: Document,
  webhookUrl: () => string,
): Promise<ExternalServices> {
  const { origin, start, stop } = await createSimulatedHub({
    path: join(data, "simulated-hub.json"),
    pipelines,
    buildMs: simulatedBuildMs,
    webhookUrl,
    // Webhooks go to this program only, at the address that --host gave it.
    send: createSend(({ origin }) => origin === URL.parse(webhookUrl())?.origin),
  });
  const origins = { hub: origin, registry: registryUrl ?? origin, github: origin, others: origin };
  return {
    origins,
    send: createSend(allowHosts(origins)),
    readSecret: simulateSecrets(pipelines),
    isSimulated: true,
    start,
    stop,
  };
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
