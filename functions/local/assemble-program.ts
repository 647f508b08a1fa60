// Assembles what the local program serves and does: the app, schedules and the sweep in one process and, without --live, a
// simulated Docker Hub.
import type { Environment } from "../../shared/environment.ts";
import { type AppSecrets, createApp } from "../../shared/http/app.ts";
import type { Log } from "../../shared/log.ts";
import type { ProcessMetrics } from "../../shared/metrics/process-metrics.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import type { Progress } from "../../shared/progress/progress.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import type { Run } from "../../shared/run/state.ts";
import { loadHandledUntil, saveHandledUntil } from "../../shared/store/dynamodb/chores.ts";
import type { LocalOptions } from "../start-options.ts";
import { startBackgroundTasks } from "./background-tasks.ts";
import { createBuildRoutes } from "./builds/build-routes.ts";
import { createLocalBuilds } from "./builds/create-local-builds.ts";
import { createCodebuildChecks } from "./codebuild-checks.ts";
import { createBuilderPool } from "./commands/builder-pool.ts";
import { createLocalRelay } from "./create-local-relay.ts";
import { type ExternalServices, openExternalServices } from "./external-services.ts";
import type { OpenTable } from "./open-table.ts";
import { createEventStreams } from "./output/event-stream.ts";
import { createOutputRoutes } from "./output/output-routes.ts";
import type { OwnSecrets } from "./own-secrets.ts";
import { resumePromotions } from "./resume-promotions.ts";
import { createRunEnds, runNewPipelines } from "./run-new-pipelines.ts";
import { createScheduleStarter } from "./schedules.ts";
import { registrySecrets } from "./secrets.ts";

export type ProgramPorts = {
  env: Environment;
  ownSecrets: OwnSecrets;
  /** Where the program listens. */
  origin: string;
  table: OpenTable;
  clock: () => number;
  log: Log;
  metrics: ProcessMetrics;
  progress: Progress;
};

export type Program = {
  fetch: (request: Request) => Response | Promise<Response>;
  activeRuns: readonly Run[];
  runNewPipelines: () => Promise<void>;
  stopBackgroundTasks: () => Promise<void>;
  stopServices: () => Promise<void>;
};

/** If it fails, it leaves nothing behind that would keep the process from ending. */
export async function assembleProgram(
  options: LocalOptions,
  config: Config,
  ports: ProgramPorts,
): Promise<Program> {
  const { env, ownSecrets, origin } = ports;
  const webhookUrl = (kind: string) => `${origin}/hooks/${kind}/${ownSecrets.webhookSecret.value}`;
  const services = await openExternalServices(options, env, config, webhookUrl);
  return assembleWith(services, options, config, ports).catch(async (error: unknown) => {
    await services.stop();
    throw error;
  });
}

async function assembleWith(
  services: ExternalServices,
  options: LocalOptions,
  config: Config,
  ports: ProgramPorts,
): Promise<Program> {
  const { env, ownSecrets, table, clock, log, metrics, progress } = ports;
  const runEndWatcher = createRunEnds();
  const observe = callAll(progress.observe, runEndWatcher.observe, metrics.observe);
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
  const startScheduledRuns = await createScheduleStarter(relay, {
    load: () => loadHandledUntil(table.requests, table.tableName),
    save: (instant) => saveHandledUntil(table.requests, table.tableName, instant),
  });
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
    { access: config.metrics, readProcessMetrics: metrics.read },
    [
      createOutputRoutes(relay, commands, streams),
      // `GET /b1/build` is a route that some older build services have.
      createBuildRoutes(builds, streams, { hasB1Route: config.builds?.hasB1Route ?? false }),
    ],
  );
  const closeCommands = async () => {
    streams.close();
    await commands.close();
    await builds?.close();
  };
  services.start();
  const activeRuns = await loadActiveRuns(relay);
  // A table that is not embedded may be used by another process, which may be moving the tags.
  if (table.embedded !== null) void resumePromotions(relay, activeRuns);
  try {
    await commands.resume();
    await builds?.resume();
  } catch (error) {
    await closeCommands();
    throw error;
  }
  const backgroundTasks = startBackgroundTasks({
    relay,
    lookUpDigest,
    commands,
    builds,
    table,
    historyMs: config.historyMs,
    startScheduledRuns,
    checkBuilds: createCodebuildChecks(relay, options.live),
  });
  return {
    fetch: (request) => app.fetch(request),
    activeRuns,
    runNewPipelines: () => runNewPipelines(relay, runEndWatcher),
    stopBackgroundTasks: async () => {
      await closeCommands();
      await backgroundTasks.stop();
    },
    stopServices: services.stop,
  };
}

function callAll(...observers: Relay["observe"][]): Relay["observe"] {
  return (before, after) => {
    for (const observe of observers) observe(before, after);
  };
}

function appSecrets({ webhookSecret, apiToken }: OwnSecrets): AppSecrets {
  return {
    readWebhookSecrets: async (which) => (which === "current" ? [webhookSecret.value] : []),
    readApiToken: async () => apiToken.value,
  };
}

async function loadActiveRuns(relay: Relay): Promise<Run[]> {
  const states = await relay.store.loadMany([...relay.pipelines.keys()]);
  return [...states.values()].flatMap(({ run }) => (run?.status === "running" ? run : []));
}
