// What both Lambda functions are made of: the relay on the stack's table, with secrets from its parameters.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { configFile, settingNames } from "../infra/settings.ts";
import { createCallAws } from "../shared/aws/call-aws.ts";
import type { Config, PageAccess } from "../shared/core/pipeline.ts";
import { createLookUpDigest, type LookUpDigest } from "../shared/docker-hub/look-up-digest.ts";
import { createLookUpTag } from "../shared/docker-hub/look-up-tag.ts";
import { createLog } from "../shared/log/log.ts";
import { createChannels, originsOfChannels } from "../shared/notify/create-channels.ts";
import { createPublish } from "../shared/notify/sns/publish.ts";
import { namedBy, realOrigins } from "../shared/outgoing/origins.ts";
import { createSend } from "../shared/outgoing/send.ts";
import { createRelay, type Relay } from "../shared/relay/relay.ts";
import { neededSecrets } from "../shared/secrets/needed-secrets.ts";
import {
  createParameterSecrets,
  MissingSecretError,
  type ReadSecrets,
} from "../shared/secrets/parameter-secrets.ts";
import { createDynamodbClient } from "../shared/store/dynamodb-client.ts";
import { createDynamodbSlots } from "../shared/store/dynamodb-slots.ts";
import { createDynamodbStore } from "../shared/store/dynamodb-store.ts";
import { createRequests } from "../shared/store/requests.ts";
import { createStoreClock } from "../shared/store/store-clock.ts";
import { originsOf } from "../shared/triggers/start-build.ts";

export type LambdaRelay = {
  relay: Relay;
  lookUpDigest: LookUpDigest;
  /** Who may see the status pages: what faces the internet shows nothing unless told. */
  pages: PageAccess;
  requireSecrets: (names: readonly string[]) => Promise<string[]>;
  readSecrets: ReadSecrets;
};

/** `own` are the program's own secrets that the function needs. */
export function createLambdaRelay(
  directory: URL,
  env: NodeJS.ProcessEnv,
  own: readonly string[] = [],
): LambdaRelay {
  const config: Config = JSON.parse(readFileSync(new URL(configFile, directory), "utf8"));
  const { pipelines, channels, historyMs } = config;
  const storeClock = createStoreClock(Date.now);
  const clock = storeClock.now;
  const prefix = required(env, settingNames.parameterPrefix);
  const callAws = createCallAws(env);
  const soon = [...own, ...neededSecrets(config).map(({ secret }) => secret)];
  const readSecrets = createParameterSecrets(callAws, prefix, clock, soon);
  const send = createSend(namedBy(realOrigins, [...originsOf(pipelines), ...originsOfChannels(channels)]));
  const readSecret = async (name: string) => (await readSecrets([name]))[0] ?? null;
  const requests = createRequests(createDynamodbClient(null, storeClock));
  const tableName = required(env, settingNames.tableName);
  const relay = createRelay(pipelines, {
    store: createDynamodbStore({ requests, tableName, historyMs }),
    slots: createDynamodbSlots({ requests, tableName, clock }),
    triggers: {
      send,
      origins: realOrigins,
      readSecret,
      commands: null,
      clock,
    },
    lookUpTag: createLookUpTag(send, realOrigins, clock),
    channels: createChannels(channels, {
      send,
      readSecret,
      publish: createPublish(callAws, env[settingNames.topic] ?? null),
      clock,
    }),
    url: env[settingNames.url] ?? null,
    clock,
    random: Math.random,
    sleep: (ms) => sleep(ms),
    // Written as it is: console would put a prefix before the JSON.
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
  const lookUpDigest = createLookUpDigest(send, realOrigins, clock);
  return { relay, lookUpDigest, pages: config.pages ?? "token", requireSecrets, readSecrets };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`expected the environment variable ${name}, found none`);
  return value;
}
