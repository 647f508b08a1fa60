// The app on a real engine within the test process, with a stand-in for Docker Hub.
import { setTimeout } from "node:timers/promises";
import type { Hono } from "hono";
import { startEngine } from "../../functions/local/engine/engine.ts";
import { createChannels } from "../../shared/channels/channels.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { createApp, type LocalRoutes } from "../../shared/http/app.ts";
import type { Commands } from "../../shared/kinds/builder.ts";
import { createLog } from "../../shared/log.ts";
import { realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import type { PageAccess } from "../../shared/pipeline/pipeline.ts";
import { createLookUps } from "../../shared/registries/look-up.ts";
import { createRelay, type Relay } from "../../shared/relay/relay.ts";
import { createTable } from "../../shared/store/dynamodb/create-table.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb/slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import { type DockerHub, startDockerHub } from "./docker-hub.ts";

export const webhookSecret = "webhook-secret-0123456789";
export const apiToken = "api-token-0123456789";
export const triggerSecret = "trigger-token-0123456789";

export type Fixture = {
  app: Hono;
  relay: Relay;
  hub: DockerHub;
  logLines: string[];
  /** Moves the program's clock ahead of the real time. */
  later: (ms: number) => void;
  changeToken: (token: string) => void;
  stopEngine: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Additional configuration, additional secrets, and options of the app. */
export type FixtureOptions = {
  channels?: Record<string, unknown>;
  url?: string;
  secrets?: Readonly<Record<string, string>>;
  pages?: PageAccess;
  commands?: Commands | null;
  local?: readonly LocalRoutes[];
};

export async function startFixture(
  pipelines: Record<string, unknown>,
  accounts: Record<string, { maxParallel: number }> = {},
  { secrets = {}, pages = "public", commands = null, local = [], ...rest }: FixtureOptions = {},
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
  const config = compileConfig({ pipelines, accounts, ...rest });
  const readSecret = async (name: string) => secrets[name] ?? triggerSecret;
  const { lookUpTag, readContent, moveTag } = createLookUps({
    send,
    origins,
    clock,
    readLogin: async () => null,
  });
  const relay = createRelay(config.pipelines, {
    store: createDynamodbStore({ requests, tableName: "tagrelay", historyMs: 86_400_000, clock }),
    slots: createDynamodbSlots({ requests, tableName: "tagrelay", clock }),
    builderContext: { send, origins, readSecret, commands, clock },
    lookUpTag,
    readContent,
    moveTag,
    channels: createChannels(config.channels, {
      send,
      readSecret,
      publish: null,
      sendMail: null,
      keepsRunning: true,
      gapMs: 0,
      clock,
    }),
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
    undefined,
    local,
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
