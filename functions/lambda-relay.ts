// Creates the relay of both Lambda functions: on the stack's table, with secrets from SSM Parameter Store.
import { setTimeout as sleep } from "node:timers/promises";
import { createCallAws } from "../shared/aws/call-aws.ts";
import {
  createParameterSecrets,
  MissingSecretError,
  type ReadSecrets,
} from "../shared/aws/parameter-secrets.ts";
import { createChannels } from "../shared/channels/channels.ts";
import { createPublish } from "../shared/channels/sns/publish.ts";
import type { RegistrySecret } from "../shared/http/hooks/webhook-secrets.ts";
import type { LookUpDigest } from "../shared/kinds/registry.ts";
import { createLog } from "../shared/log.ts";
import { allowHosts, realOrigins } from "../shared/outgoing/origins.ts";
import { createSend } from "../shared/outgoing/send.ts";
import type { MetricsAccess, PageAccess } from "../shared/pipeline/pipeline.ts";
import { createLogInToEcr } from "../shared/registries/ecr/log-in.ts";
import { createLookUps } from "../shared/registries/look-up.ts";
import { createReadLogin } from "../shared/registries/read-login.ts";
import { createRelayOf, type Relay } from "../shared/relay/relay.ts";
import { settingNames } from "../shared/settings.ts";
import { createDynamodbClient } from "../shared/store/dynamodb/client.ts";
import { createRequests } from "../shared/store/dynamodb/requests.ts";
import { createDynamodbSlots } from "../shared/store/dynamodb/slots.ts";
import { createDynamodbStore } from "../shared/store/dynamodb/store.ts";
import { createStoreClock } from "../shared/store/store-clock.ts";
import { readPackedConfig } from "./packed-config/read-packed-config.ts";

export type LambdaRelay = {
  relay: Relay;
  lookUpDigest: LookUpDigest;
  /** Who may see the status pages, which face the internet. Default: people who sign in with the API token. */
  pages: PageAccess;
  metrics: MetricsAccess;
  requireSecrets: (names: readonly string[]) => Promise<string[]>;
  readSecrets: ReadSecrets;
  registrySecrets: RegistrySecret[];
};

/** `ownSecrets` are the names of Tagrelay's own secrets that the function needs. */
export function createLambdaRelay(
  directory: URL,
  env: NodeJS.ProcessEnv,
  ownSecrets: readonly string[] = [],
): LambdaRelay {
  const { settings, catalog } = readPackedConfig(directory);
  const { channels, historyMs } = settings;
  const storeClock = createStoreClock(Date.now);
  const clock = storeClock.now;
  const prefix = required(env, settingNames.parameterPrefix);
  const callAws = createCallAws(env);
  const readSecrets = createParameterSecrets(callAws, prefix, clock, [...ownSecrets, ...settings.secrets]);
  const send = createSend(allowHosts(realOrigins, settings.origins));
  const readSecret = async (name: string) => (await readSecrets([name]))[0] ?? null;
  const readLogin = createReadLogin(settings.logins, readSecret, createLogInToEcr(callAws, clock));
  const { lookUpTag, lookUpDigest, readContent, moveTag } = createLookUps({
    send,
    origins: realOrigins,
    clock,
    readLogin,
  });
  const requests = createRequests(createDynamodbClient(null, storeClock));
  const tableName = required(env, settingNames.tableName);
  const relay = createRelayOf(catalog, {
    store: createDynamodbStore({ requests, tableName, historyMs, clock }),
    slots: createDynamodbSlots({ requests, tableName, clock }),
    builderContext: {
      send,
      origins: realOrigins,
      readSecret,
      commands: null,
      callAws,
      clock,
    },
    lookUpTag,
    readContent,
    moveTag,
    channels: createChannels(channels, {
      send,
      readSecret,
      publish: createPublish(callAws, env[settingNames.topic] ?? null),
      callAws,
      sendMail: null,
      keepsRunning: false,
      clock,
    }),
    url: env[settingNames.url] ?? null,
    clock,
    random: Math.random,
    sleep: (ms) => sleep(ms),
    // On Lambda, console.log puts a prefix before the JSON.
    log: createLog((line) => process.stdout.write(line), clock),
    observe: () => undefined,
  });
  const requireSecrets = async (names: readonly string[]) => {
    const values = await readSecrets(names);
    return values.map((value, index) => {
      if (value === null) throw new MissingSecretError(`${prefix}${names[index]}`);
      return value;
    });
  };
  const registrySecrets = settings.webhookSecrets.map(({ registry, secret }) => ({
    registry,
    read: () => readSecret(secret),
  }));
  return {
    relay,
    lookUpDigest,
    pages: settings.pages ?? "token",
    metrics: settings.metrics,
    requireSecrets,
    readSecrets,
    registrySecrets,
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value)
    throw new Error(`expected the environment variable ${name}, found none; deploy the stack again`);
  return value;
}
