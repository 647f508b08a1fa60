// Connects the relay to the local program's store, builders and channels, and to the commands of this machine.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createChannels, createSimulatedChannels } from "../../shared/channels/channels.ts";
import type { LookUpDigest } from "../../shared/kinds/registry.ts";
import type { Log } from "../../shared/log.ts";
import type { ProcessMetrics } from "../../shared/metrics/process-metrics.ts";
import { type Config, hasImage, type Pipeline, type Step } from "../../shared/pipeline/pipeline.ts";
import { createLogInToEcr } from "../../shared/registries/ecr/log-in.ts";
import { createLookUps } from "../../shared/registries/look-up.ts";
import { createReadLogin } from "../../shared/registries/read-login.ts";
import { createRelay, type Relay } from "../../shared/relay/relay.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb/slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import type { LocalOptions } from "../start-options.ts";
import type { BuilderPool } from "./commands/builder-pool.ts";
import { type CommandMachine, createCommands } from "./commands/commands.ts";
import { receiveCommandEnd } from "./commands/receive-command-end.ts";
import { simulateCommand } from "./commands/simulate-command.ts";
import type { ExternalServices } from "./external-services.ts";
import type { OpenTable } from "./open-table.ts";
import { withoutSecrets } from "./secrets.ts";
import { createSendMail } from "./send-mail.ts";
import { skipIdleSweeps } from "./skip-idle-sweeps.ts";

export type LocalRelayPorts = {
  table: OpenTable;
  services: ExternalServices;
  clock: () => number;
  log: Log;
  observe: Relay["observe"];
  metrics: ProcessMetrics;
  pool: BuilderPool;
};

export function createLocalRelay(
  options: LocalOptions,
  config: Config,
  ports: LocalRelayPorts,
): { relay: Relay; lookUpDigest: LookUpDigest; commands: CommandMachine } {
  const { table, services, clock, log, observe, metrics, pool } = ports;
  const { requests, tableName, embedded } = table;
  const { origins, readSecret, callAws } = services;
  const send = metrics.countRequests(services.send);
  const commands = createCommands({
    data: join(options.data, options.live ? "live" : "simulated"),
    environment: withoutSecrets(process.env, config),
    simulate: (build) => (options.live ? null : simulateCommand(build)),
    report: (ended) => receiveCommandEnd(relay, ended),
    log,
    pool,
  });
  const readLogin = createReadLogin(
    config.logins,
    readSecret,
    callAws === null || !options.live ? null : createLogInToEcr(callAws, clock),
  );
  const { lookUpTag, lookUpDigest, readContent, moveTag } = createLookUps({
    send,
    origins,
    clock,
    readLogin,
  });
  const stored = createDynamodbStore({ requests, tableName, historyMs: config.historyMs, clock, embedded });
  const store = metrics.countSweeps(embedded === null ? stored : skipIdleSweeps(stored));
  const relay = createRelay(services.isSimulated ? config.pipelines.map(fitToSimulation) : config.pipelines, {
    store,
    slots: createDynamodbSlots({ requests, tableName, clock }),
    builderContext: {
      send,
      origins,
      readSecret,
      commands,
      callAws,
      ...(options.live ? {} : { standInDigest }),
      clock,
    },
    lookUpTag,
    readContent,
    moveTag,
    channels: options.live
      ? createChannels(config.channels, {
          send,
          readSecret,
          publish: null,
          callAws,
          sendMail: createSendMail(),
          keepsRunning: true,
          clock,
        })
      : createSimulatedChannels(config.channels, log),
    url: config.url,
    clock,
    random: Math.random,
    sleep: (ms) => sleep(ms),
    log,
    observe,
  });
  return { relay, lookUpDigest, commands };
}

/** Simulated builds have no digests. */
const standInDigest = `sha256:${"0".repeat(64)}`;

/** The job of a gate only takes time. A gate that a person has to approve waits for that. */
function simulateGate(step: Step): Step {
  if (step.trigger.kind === "approval") return step;
  const trigger: Step["trigger"] = {
    kind: "command",
    // Never run: simulateCommand takes its place.
    run: "true",
    directory: null,
    environment: {},
    concurrency: 1,
    builders: [],
  };
  return { ...step, trigger, account: null };
}

function fitToSimulation(pipeline: Pipeline): Pipeline {
  const steps = pipeline.steps.map((step) =>
    hasImage(step)
      ? {
          ...step,
          // Simulated images have no contents to compare.
          verify: "off" as const,
          // Simulated builders, except commands, report no ends.
          endedBy: step.trigger.kind === "command" ? step.endedBy : ("push" as const),
        }
      : simulateGate(step),
  );
  return {
    ...pipeline,
    steps,
    // There are no real tags to move.
    promotesTogether: false,
    // Users try pipelines out by sending webhooks, and nobody forges any.
    confirm: pipeline.confirm === "auto" ? "webhook" : pipeline.confirm,
  };
}
