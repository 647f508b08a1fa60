// Puts the machine-local program together: HTTP, schedules and sweep in one process, DynamoDB embedded, and a
// simulated Docker Hub unless there is a real one to use.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../shared/config/read-config.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { Run } from "../../shared/core/run.ts";
import { createLookUpDigest } from "../../shared/docker-hub/look-up-digest.ts";
import { createLookUpTag } from "../../shared/docker-hub/look-up-tag.ts";
import { createApp } from "../../shared/http/app.ts";
import type { Log } from "../../shared/log/log.ts";
import { createChannels, createSimulatedChannels } from "../../shared/notify/create-channels.ts";
import { createRelay } from "../../shared/relay/relay.ts";
import { sweep } from "../../shared/relay/sweep.ts";
import { createTable } from "../../shared/store/create-table.ts";
import { createDynamodbClient } from "../../shared/store/dynamodb-client.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb-slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb-store.ts";
import { deleteExpired, loadSeenUntil, saveSeenUntil } from "../../shared/store/local-chores.ts";
import { createStoreClock, type StoreClock } from "../../shared/store/store-clock.ts";
import { createTableRequests, type TableRequests } from "../../shared/store/table-requests.ts";
import { createCommands } from "./commands/commands.ts";
import { standInFor } from "./commands/stand-in.ts";
import { takeCommandEnd } from "./commands/take-command-end.ts";
import { makeDataFolder } from "./data-folder.ts";
import { startEngine } from "./engine/engine.ts";
import {
  type Environment,
  type OwnSecrets,
  readOwnSecrets,
  requireSecrets,
  withoutSecrets,
} from "./environment.ts";
import { createEnded, runFirstRuns } from "./first-runs.ts";
import { type LocalOptions, UsageError } from "./options.ts";
import { chooseOutside } from "./outside.ts";
import type { Progress } from "./progress/progress.ts";
import { refuseSns } from "./refuse-sns.ts";
import { repeat } from "./repeat.ts";
import { createSchedules } from "./schedules.ts";
import { limitRequests } from "./server/limit-requests.ts";
import { listen } from "./server/listen.ts";
import { spareSweeps } from "./spare-sweeps.ts";
import { createUpstreamLooks } from "./upstream-looks.ts";

/** What is simulated and what is real never meet: a run of the one must not go on as one of the other. */
const tableNames = { live: "tagrelay", simulated: "tagrelay-simulated" };
const sweepEveryMs = 1_000;
const schedulesEveryMs = 1_000;
/** As late as DynamoDB may be. */
const deleteEveryMs = 24 * 60 * 60_000;
/** Whoever has just started it wants something else of it. */
const deleteFirstAfterMs = 10 * 60_000;

export type LocalProgram = {
  origin: string;
  pipelines: readonly Pipeline[];
  ownSecrets: OwnSecrets;
  /** Whether builds are simulated: nothing real is asked for. */
  isSimulated: boolean;
  /** Whether there is something to look at with a browser. */
  hasPages: boolean;
  /** The runs of before that go on. */
  activeRuns: readonly Run[];
  /** Runs each pipeline that has never run, to its end. */
  runFirstRuns: () => Promise<void>;
  stop: () => Promise<void>;
};

export async function startLocal(
  options: LocalOptions,
  env: Environment,
  progress: Progress,
  log: Log,
): Promise<LocalProgram> {
  const storeClock = createStoreClock(Date.now);
  const clock = storeClock.now;
  const tableName = options.live ? tableNames.live : tableNames.simulated;
  const config = readConfig(options.config ?? "tagrelay.yaml");
  const { pipelines, historyMs, pages } = config;
  if (options.live) {
    refuseSns(config.channels);
    requireSecrets(config, env);
  }
  makeDataFolder(options.data);
  const ownSecrets = readOwnSecrets(options.data, env);
  const engine = await openEngine(options, storeClock);
  const { requests } = engine;
  await createTable(requests, tableName).catch((error: unknown) => {
    if (options.dynamodbEndpoint === null) throw error;
    throw new UsageError(
      `expected a DynamoDB at --dynamodb-endpoint ${options.dynamodbEndpoint}, found none that answers as one (${error instanceof Error ? error.name : "unknown error"})`,
    );
  });

  let webhookUrl = "";
  const outside = await chooseOutside(options, env, config, () => webhookUrl);
  const { send } = outside;
  const ended = createEnded();
  const commands = createCommands({
    data: join(options.data, options.live ? "live" : "simulated"),
    environment: withoutSecrets(process.env, config),
    standIn: (build) => (options.live ? null : standInFor(build)),
    report: (ended) => takeCommandEnd(relay, ended),
    log,
  });
  const store = createDynamodbStore({ requests, tableName, historyMs });
  const relay = createRelay(outside.isSimulated ? pipelines.map(believeWebhooks) : pipelines, {
    store: options.dynamodbEndpoint === null ? spareSweeps(store) : store,
    slots: createDynamodbSlots({ requests, tableName, clock }),
    triggers: { send, origins: outside.origins, readSecret: outside.readSecret, commands, clock },
    lookUpTag: createLookUpTag(send, outside.origins, clock),
    channels: options.live
      ? createChannels(config.channels, { send, readSecret: outside.readSecret, publish: null, clock })
      : createSimulatedChannels(config.channels, log),
    url: config.url,
    clock,
    random: Math.random,
    sleep: (ms) => sleep(ms),
    log,
    observe: (before, after) => {
      progress.observe(before, after);
      ended.observe(before, after);
    },
  });
  const app = createApp(
    relay,
    {
      readWebhookSecrets: async (which) => (which === "current" ? [ownSecrets.webhookSecret.value] : []),
      readApiToken: async () => ownSecrets.apiToken.value,
    },
    pages ?? "public",
  );
  const runSchedules = await createSchedules(relay, {
    load: () => loadSeenUntil(requests, tableName),
    save: (seenUntil) => saveSeenUntil(requests, tableName, seenUntil),
  });
  const lookAtUpstreams = createUpstreamLooks(relay, createLookUpDigest(send, outside.origins, clock));
  const server = await listen(app.fetch, options.host, options.port, {
    before: (listener) => limitRequests(listener, log, clock),
  });
  webhookUrl = `${server.origin}/hooks/dockerhub/${ownSecrets.webhookSecret.value}`;
  outside.start();

  const states = await relay.store.loadMany([...relay.pipelines.keys()]);
  await commands.resume();
  const activeRuns = [...states.values()].flatMap(({ run }) => (run?.status === "running" ? run : []));

  const report = reportFailures(log);
  const chores = [
    repeat(
      sweepEveryMs,
      report("sweep.failed", () => sweep(relay)),
    ),
    repeat(schedulesEveryMs, report("schedules.failed", runSchedules)),
    repeat(schedulesEveryMs, report("upstreams.failed", lookAtUpstreams)),
    repeat(
      deleteEveryMs,
      report("expiry.failed", (stopping) => deleteExpired(requests, tableName, clock(), stopping)),
      deleteFirstAfterMs,
    ),
    repeat(
      deleteEveryMs,
      report("expiry.failed", () => commands.deleteOlderThan(clock() - historyMs)),
      deleteFirstAfterMs,
    ),
  ];
  return {
    origin: server.origin,
    pipelines,
    ownSecrets,
    isSimulated: outside.isSimulated,
    hasPages: pages !== "off",
    activeRuns,
    runFirstRuns: () => runFirstRuns(relay, ended),
    stop: async () => {
      await commands.close();
      await Promise.all(chores.map((chore) => chore.stop()));
      await server.close();
      await outside.stop();
      await engine.close();
    },
  };
}

/** The embedded one, or another that is somewhere. */
async function openEngine(
  { data, dynamodbEndpoint }: LocalOptions,
  storeClock: StoreClock,
): Promise<{ requests: TableRequests; close: () => Promise<void> }> {
  if (dynamodbEndpoint === null) return startEngine(data);
  const client = createDynamodbClient(dynamodbEndpoint, storeClock);
  return { requests: createTableRequests(client), close: async () => client.destroy() };
}

/** Nobody forges the webhooks of simulated builds, and people try out the pipelines by sending some. */
function believeWebhooks(pipeline: Pipeline): Pipeline {
  return pipeline.confirm === "auto" ? { ...pipeline, confirm: "webhook" } : pipeline;
}

function reportFailures(log: Log) {
  return (event: string, work: (stopping: AbortSignal) => Promise<unknown>) =>
    async (stopping: AbortSignal): Promise<void> => {
      try {
        await work(stopping);
      } catch (error) {
        log("error", {
          event,
          reason: error instanceof Error ? error.message : "unknown",
        });
      }
    };
}
