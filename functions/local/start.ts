// Starts the local program: reads the configuration, opens the store and listens. A request that comes before the program is ready
// waits.
import { existsSync } from "node:fs";
import { readConfig } from "../../shared/config/read-config.ts";
import type { Environment } from "../../shared/environment.ts";
import { problemDocument, problemType } from "../../shared/http/problem.ts";
import type { Log } from "../../shared/log.ts";
import { createProcessMetrics } from "../../shared/metrics/process-metrics.ts";
import type { Config, Pipeline } from "../../shared/pipeline/pipeline.ts";
import type { Progress } from "../../shared/progress/progress.ts";
import type { Run } from "../../shared/run/state.ts";
import { createStoreClock } from "../../shared/store/store-clock.ts";
import { type LocalOptions, sampleConfig } from "../start-options.ts";
import { assembleProgram, type Program } from "./assemble-program.ts";
import { makeDataFolder } from "./data-folder.ts";
import { isSimulated } from "./is-simulated.ts";
import { openTable } from "./open-table.ts";
import { type OwnSecrets, readOwnSecrets } from "./own-secrets.ts";
import { refuseSns } from "./refuse-sns.ts";
import { refuseWithoutCredentials } from "./refuse-without-credentials.ts";
import { readSecretFiles, requireSecrets } from "./secrets.ts";
import { limitRequests } from "./server/limit-requests.ts";
import { defaultLimits, listen } from "./server/listen.ts";
import { refuseHosts } from "./server/refuse-hosts.ts";

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

/** Resolves when the program listens and everything runs. */
export async function startLocal(
  options: LocalOptions,
  environment: Environment,
  progress: Progress,
  uncountedLog: Log,
  limits = defaultLimits,
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

  const { promise: program, resolve } = Promise.withResolvers<Pick<Program, "fetch">>();
  const { host, port, allowedHosts } = options;
  const ownName = config.url === null ? [] : [new URL(config.url).hostname];
  const { origin, close } = await listen(async (request) => (await program).fetch(request), host, port, {
    limits,
    wrap: (listener) => refuseHosts(limitRequests(listener, log, clock), [host, ...ownName, ...allowedHosts]),
  });
  const assembled = await assembleProgram(options, config, {
    env,
    ownSecrets,
    origin,
    table,
    clock,
    log,
    metrics,
    progress,
  }).catch(async (error: unknown) => {
    // An open port would keep the process from ending, with nobody who answers.
    resolve({ fetch: answerNotStarted });
    await close();
    // The first error says why the program cannot start.
    await table.close().catch(() => undefined);
    throw error;
  });
  resolve(assembled);
  return {
    origin,
    pipelines: config.pipelines,
    ownSecrets,
    isSimulated: isSimulated(options),
    isSample: configFile === sampleConfig,
    hasPages: config.pages !== "off",
    activeRuns: assembled.activeRuns,
    runNewPipelines: assembled.runNewPipelines,
    stop: async () => {
      const { stopBackgroundTasks, stopServices } = assembled;
      await stopBackgroundTasks();
      await close();
      await stopServices();
      await table.close();
    },
  };
}

/** For those whose requests came while the program was starting. */
function answerNotStarted(): Response {
  const detail = "the program could not be started; see its output, and send the request again once it runs";
  return new Response(problemDocument(503, detail), {
    status: 503,
    headers: { "content-type": problemType },
  });
}

/** The sample makes the first start in an empty folder show something. Real builds need a configuration of their own. */
function findConfig({ config, live }: LocalOptions): string {
  const own = config ?? "tagrelay.yaml";
  return config === null && !live && !existsSync(own) ? sampleConfig : own;
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
    refuseWithoutCredentials(config, env);
  }
  return { config, env };
}
