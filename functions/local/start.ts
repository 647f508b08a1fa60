// Assembles the local program: HTTP, schedules and the sweep in one process, with an embedded DynamoDB and, without
// --live, a simulated Docker Hub.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../shared/config/read-config.ts";
import type { Environment } from "../../shared/environment.ts";
import { type AppSecrets, createApp } from "../../shared/http/app.ts";
import type { Log } from "../../shared/log.ts";
import { createProcessMetrics } from "../../shared/metrics/process-metrics.ts";
import type { Config, Pipeline } from "../../shared/pipeline/pipeline.ts";
import type { Progress } from "../../shared/progress/progress.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import type { Run } from "../../shared/run/state.ts";
import { loadSeenUntil, saveSeenUntil } from "../../shared/store/dynamodb/chores.ts";
import { createStoreClock } from "../../shared/store/store-clock.ts";
import type { LocalOptions } from "../start-options.ts";
import { createBuildRoutes } from "./builds/build-routes.ts";
import { createLocalBuilds } from "./builds/create-local-builds.ts";
import { createCodebuildChecks, refuseCodebuildWithoutCredentials } from "./codebuild-checks.ts";
import { createBuilderPool } from "./commands/builder-pool.ts";
import { createLocalRelay } from "./create-local-relay.ts";
import { makeDataFolder } from "./data-folder.ts";
import { openExternalServices } from "./external-services.ts";
import { type OpenTable, openTable } from "./open-table.ts";
import { createEventStreams } from "./output/event-stream.ts";
import { createOutputRoutes } from "./output/output-routes.ts";
import { type OwnSecrets, readOwnSecrets } from "./own-secrets.ts";
import { refuseSns } from "./refuse-sns.ts";
import { resumePromotions } from "./resume-promotions.ts";
import { createRunEnds, runNewPipelines } from "./run-new-pipelines.ts";
import { createSchedules } from "./schedules.ts";
import { readSecretFiles, registrySecrets, requireSecrets } from "./secrets.ts";
import { limitRequests } from "./server/limit-requests.ts";
import { defaultLimits, type Listening, type ListenLimits, listen } from "./server/listen.ts";
import { refuseHosts } from "./server/refuse-hosts.ts";
import { startJobs } from "./start-jobs.ts";

export type LocalProgram = {
  origin: string;
  pipelines: readonly Pipeline[];
  ownSecrets: OwnSecrets;
  /** Builds are simulated; nothing real is built. */
  isSimulated: boolean;
  /** The pipelines are the sample's, because the folder has no configuration. */
  isSample: boolean;
  /** There are pages to open in a browser. */
  hasPages: boolean;
  /** Runs of an earlier start that continue. */
  activeRuns: readonly Run[];
  /** Runs every pipeline that has never run, and resolves when these runs have ended. */
  runNewPipelines: () => Promise<void>;
  stop: () => Promise<void>;
};

export async function startLocal(
  options: LocalOptions,
  environment: Environment,
  progress: Progress,
  uncountedLog: Log,
  limits: ListenLimits = defaultLimits,
): Promise<LocalProgram> {
  const configFile = findConfig(options);
  const { config, env } = readConfigFor(configFile, options, environment);
  makeDataFolder(options.data);
  const ownSecrets = readOwnSecrets(options.data, env);
  const storeClock = createStoreClock(Date.now);
  const clock = storeClock.now;
  const metrics = createProcessMetrics(clock);
  const log = metrics.countLog(uncountedLog);
  const table = await openTable(options, storeClock);
  if (table.damage !== null) log("error", { event: "data.damaged", ...table.damage });
  let origin = "";
  const webhookUrl = (kind: string) => `${origin}/hooks/${kind}/${ownSecrets.webhookSecret.value}`;
  const services = await openExternalServices(options, env, config, webhookUrl);
  const runEnds = createRunEnds();
  const observe = callAll(progress.observe, runEnds.observe, metrics.observe);
  const pool = createBuilderPool();
  const { relay, lookUpDigest, commands } = createLocalRelay(options, config, {
    table,
    services,
    clock,
    log,
    observe,
    metrics,
    pool,
  });
  const startScheduledRuns = await openSchedules(relay, table);
  const secrets = {
    ...appSecrets(ownSecrets),
    // Simulated builds report their pushes with the program's own secret.
    registrySecrets: services.isSimulated ? [] : registrySecrets(config, env),
  };
  const streams = createEventStreams();
  const builds = createLocalBuilds(options, config, { readSecret: services.readSecret, log, clock, pool });
  const app = createApp(
    relay,
    secrets,
    config.pages ?? "public",
    { access: config.metrics, readCounted: metrics.read },
    [
      createOutputRoutes(relay, commands, streams),
      createBuildRoutes(builds, streams, { acceptsB1: config.builds?.acceptsB1 ?? false }),
    ],
  );
  const server = await serve(app.fetch, relay, options, limits, config.url);
  origin = server.origin;
  services.start();
  const activeRuns = await loadActiveRuns(relay);
  if (options.dynamodbEndpoint === null) void resumePromotions(relay, activeRuns);
  await commands.resume();
  await builds?.resume();
  const jobs = startJobs({
    relay,
    lookUpDigest,
    commands,
    builds,
    table,
    historyMs: config.historyMs,
    startScheduledRuns,
    checkBuilds: createCodebuildChecks(relay, options.live ? services.callAws : null),
  });
  return {
    ...{ origin: server.origin, pipelines: config.pipelines, ownSecrets, activeRuns },
    isSimulated: services.isSimulated,
    isSample: configFile === sample,
    hasPages: config.pages !== "off",
    runNewPipelines: () => runNewPipelines(relay, runEnds),
    stop: async () => {
      streams.close();
      await commands.close();
      await builds?.close();
      await jobs.stop();
      await server.close();
      await services.stop();
      await table.close();
    },
  };
}

function callAll(...observers: Relay["observe"][]): Relay["observe"] {
  return (before, after) => {
    for (const observe of observers) observe(before, after);
  };
}

/** Part of the clone and of the package. */
const sample = fileURLToPath(new URL("../../tagrelay.yaml", import.meta.url));

/** The sample makes the first start in an empty folder show something. Real builds need a configuration of their own. */
function findConfig({ config, live }: LocalOptions): string {
  const own = config ?? "tagrelay.yaml";
  return config === null && !live && !existsSync(own) ? sample : own;
}

function readConfigFor(
  file: string,
  options: LocalOptions,
  environment: Environment,
): { config: Config; env: Environment } {
  const config = readConfig(file);
  const env = readSecretFiles(environment, config);
  if (options.live) {
    refuseSns(config.channels);
    requireSecrets(config, env);
    refuseCodebuildWithoutCredentials(config.pipelines, env);
  }
  return { config, env };
}

function appSecrets({ webhookSecret, apiToken }: OwnSecrets): AppSecrets {
  return {
    readWebhookSecrets: async (which) => (which === "current" ? [webhookSecret.value] : []),
    readApiToken: async () => apiToken.value,
  };
}

function openSchedules(relay: Relay, { requests, tableName }: OpenTable): Promise<() => Promise<void>> {
  return createSchedules(relay, {
    load: () => loadSeenUntil(requests, tableName),
    save: (instant) => saveSeenUntil(requests, tableName, instant),
  });
}

function serve(
  fetch: Parameters<typeof listen>[0],
  relay: Relay,
  { host, port, allowedHosts }: LocalOptions,
  limits: ListenLimits,
  url: string | null,
): Promise<Listening> {
  const ownName = url === null ? [] : [new URL(url).hostname];
  return listen(fetch, host, port, {
    limits,
    wrap: (listener) =>
      refuseHosts(limitRequests(listener, relay.log, relay.clock), [host, ...ownName, ...allowedHosts]),
  });
}

async function loadActiveRuns(relay: Relay): Promise<Run[]> {
  const states = await relay.store.loadMany([...relay.pipelines.keys()]);
  return [...states.values()].flatMap(({ run }) => (run?.status === "running" ? run : []));
}
