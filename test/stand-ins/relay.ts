// The app on the real engine, embedded in the test, with a Docker Hub for tests behind it.
import { setTimeout } from "node:timers/promises";
import type { Hono } from "hono";
import { startEngine } from "../../functions/local/engine/engine.ts";
import { compileConfig } from "../../shared/core/compile.ts";
import type { PageAccess } from "../../shared/core/pipeline.ts";
import { createLookUpTag } from "../../shared/docker-hub/look-up-tag.ts";
import { createApp } from "../../shared/http/app.ts";
import { createLog } from "../../shared/log/log.ts";
import { createChannels } from "../../shared/notify/create-channels.ts";
import { realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { createRelay, type Relay } from "../../shared/relay/relay.ts";
import { createTable } from "../../shared/store/create-table.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb-slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb-store.ts";
import type { Commands } from "../../shared/triggers/trigger.ts";
import { type DockerHub, startDockerHub } from "./docker-hub.ts";

export const webhookSecret = "webhook-secret-0123456789";
export const apiToken = "api-token-0123456789";
export const triggerSecret = "trigger-token-0123456789";

export type Fixture = {
  app: Hono;
  relay: Relay;
  hub: DockerHub;
  logLines: string[];
  /** How much later than now the program believes it is. */
  later: (ms: number) => void;
  changeToken: (token: string) => void;
  stopEngine: () => Promise<void>;
  stop: () => Promise<void>;
};

/** What the document says beside its pipelines, the secrets that are not those of triggers, and what the app is given. */
export type Beside = {
  channels?: Record<string, unknown>;
  url?: string;
  secrets?: Readonly<Record<string, string>>;
  pages?: PageAccess;
  commands?: Commands | null;
};

export async function startFixture(
  pipelines: Record<string, unknown>,
  accounts: Record<string, { maxParallel: number }> = {},
  { secrets = {}, pages = "public", commands = null, ...beside }: Beside = {},
): Promise<Fixture> {
  const engine = await startEngine(null);
  const hub = await startDockerHub();
  await createTable(engine.requests, "tagrelay");
  const logLines: string[] = [];
  let laterMs = 0;
  const clock = () => Date.now() + laterMs;
  const origins = { ...realOrigins, hub: hub.origin, github: hub.origin };
  const send = createSend();
  const { requests } = engine;
  const config = compileConfig({ pipelines, accounts, ...beside });
  const readSecret = async (name: string) => secrets[name] ?? triggerSecret;
  const relay = createRelay(config.pipelines, {
    store: createDynamodbStore({ requests, tableName: "tagrelay", historyMs: 86_400_000 }),
    slots: createDynamodbSlots({ requests, tableName: "tagrelay", clock }),
    triggers: { send, origins, readSecret, commands, clock },
    lookUpTag: createLookUpTag(send, origins, clock),
    channels: createChannels(config.channels, { send, readSecret, publish: null, clock }),
    url: config.url,
    clock,
    random: Math.random,
    sleep: (ms) => setTimeout(ms),
    log: createLog((line) => void logLines.push(line), clock),
    observe: () => undefined,
  });
  let token = apiToken;
  const app = createApp(
    relay,
    { readWebhookSecrets: async () => [webhookSecret], readApiToken: async () => token },
    pages,
  );
  let isStopped = false;
  const stopEngine = async () => {
    if (isStopped) return;
    isStopped = true;
    await engine.close();
  };
  return {
    app,
    relay,
    hub,
    logLines,
    later: (ms) => {
      laterMs += ms;
    },
    changeToken: (changed) => {
      token = changed;
    },
    stopEngine,
    stop: async () => {
      await hub.close();
      await stopEngine();
    },
  };
}
