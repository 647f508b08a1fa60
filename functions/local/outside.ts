// Whom the machine-local program asks for builds: the real ones, others that it is told of, or simulated ones.
import { join } from "node:path";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { Origins } from "../../shared/outgoing/origins.ts";
import type { Send } from "../../shared/outgoing/send.ts";
import type { ReadSecret } from "../../shared/triggers/trigger.ts";
import type { Environment } from "./environment.ts";
import type { LocalOptions } from "./options.ts";
import { createSimulatedHub } from "./simulated-hub/simulated-hub.ts";

export type Outside = {
  origins: Origins;
  readSecret: ReadSecret;
  /** Nothing real is asked for. */
  isSimulated: boolean;
  start: () => void;
  stop: () => Promise<void>;
};

export async function chooseOutside(
  { live, hubUrl, registryUrl, data }: LocalOptions,
  env: Environment,
  pipelines: readonly Pipeline[],
  send: Send,
  webhookUrl: () => string,
): Promise<Outside> {
  if (live || hubUrl !== null) {
    return {
      // Without --live, nothing real is asked for, whoever builds.
      origins: { hub: hubUrl, registry: registryUrl, github: live ? null : hubUrl },
      readSecret: async (name) => env[name] || (live ? null : standInSecret),
      isSimulated: false,
      start: () => undefined,
      stop: async () => undefined,
    };
  }
  const { origin, start, stop } = await createSimulatedHub({
    path: join(data, "simulated-hub.json"),
    steps: pipelines.flatMap(({ steps }) => steps),
    buildMs: simulatedBuildMs,
    webhookUrl,
    send,
  });
  return {
    origins: { hub: origin, registry: origin, github: origin },
    readSecret: async () => standInSecret,
    isSimulated: true,
    start,
    stop,
  };
}

/** A stand-in takes any secret, and is not given a real one unasked. */
const standInSecret = "stand-in";

/** Two to five seconds, always the same for an image. */
function simulatedBuildMs(image: string): number {
  const sum = [...image].reduce((all, character) => all + (character.codePointAt(0) ?? 0), 0);
  return 2_000 + (sum % 31) * 100;
}
