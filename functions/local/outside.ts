// Whom the machine-local program asks for builds: the real ones, others that it is told of, or simulated ones.
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { Config, Pipeline } from "../../shared/core/pipeline.ts";
import { originsOfChannels } from "../../shared/notify/create-channels.ts";
import { namedBy, type Origins } from "../../shared/outgoing/origins.ts";
import { createSend, type Send } from "../../shared/outgoing/send.ts";
import { originsOf } from "../../shared/triggers/start-build.ts";
import type { ReadSecret } from "../../shared/triggers/trigger.ts";
import type { Environment } from "./environment.ts";
import type { LocalOptions } from "./options.ts";
import { standInSecret } from "./simulated-hub/asked-builds.ts";
import { createSimulatedHub } from "./simulated-hub/simulated-hub.ts";

export type Outside = {
  origins: Origins;
  /** Sends to these origins and nowhere else. */
  send: Send;
  readSecret: ReadSecret;
  /** Nothing real is asked for. */
  isSimulated: boolean;
  start: () => void;
  stop: () => Promise<void>;
};

export async function chooseOutside(
  { live, hubUrl, registryUrl, data }: LocalOptions,
  env: Environment,
  { pipelines, channels }: Pick<Config, "pipelines" | "channels">,
  webhookUrl: () => string,
): Promise<Outside> {
  if (live || hubUrl !== null) {
    // Without --live, nothing real is asked for, whoever builds.
    const elsewhere = live ? null : hubUrl;
    const origins = { hub: hubUrl, registry: registryUrl ?? elsewhere, github: elsewhere, others: elsewhere };
    return {
      origins,
      send: createSend(namedBy(origins, [...originsOf(pipelines), ...originsOfChannels(channels)])),
      readSecret: async (name) => env[name] || (live ? null : standInSecret),
      isSimulated: false,
      start: () => undefined,
      stop: async () => undefined,
    };
  }
  const { origin, start, stop } = await createSimulatedHub({
    path: join(data, "simulated-hub.json"),
    pipelines,
    buildMs: simulatedBuildMs,
    webhookUrl,
    // The program's own address is wherever --host has put it.
    send: createSend(({ origin }) => origin === URL.parse(webhookUrl())?.origin),
  });
  const origins = { hub: origin, registry: registryUrl ?? origin, github: origin, others: origin };
  return {
    origins,
    send: createSend(namedBy(origins)),
    readSecret: simulatedSecrets(pipelines),
    isSimulated: true,
    start,
    stop,
  };
}

/** A stand-in takes any secret, but an app's key has to be one that can sign. */
function simulatedSecrets(pipelines: readonly Pipeline[]): ReadSecret {
  const apps = new Set(
    pipelines.flatMap(({ steps }) =>
      steps.flatMap(({ trigger }) =>
        "github" in trigger && "app" in trigger.github ? [trigger.github.app.secret] : [],
      ),
    ),
  );
  if (apps.size === 0) return async () => standInSecret;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return async (name) => (apps.has(name) ? key : standInSecret);
}

/** Two to five seconds, always the same for an image. */
export function simulatedBuildMs(image: string): number {
  const sum = [...image].reduce((all, character) => all + (character.codePointAt(0) ?? 0), 0);
  return 2_000 + (sum % 31) * 100;
}
