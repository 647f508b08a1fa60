// Puts the machine-local program together: HTTP, schedules and sweep in one process, DynamoDB embedded, and a
// simulated Docker Hub unless there is a real one to use.
import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../shared/config/read-config.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { Run } from "../../shared/core/run.ts";
import { createLookUpTag } from "../../shared/docker-hub/look-up-tag.ts";
import { createApp } from "../../shared/http/app.ts";
import type { Log } from "../../shared/log/log.ts";
import type { Origins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { apply } from "../../shared/relay/apply.ts";
import { createRelay, newRunId, type Relay } from "../../shared/relay/relay.ts";
import { sweep } from "../../shared/relay/sweep.ts";
import { createTable } from "../../shared/store/create-table.ts";
import { createDynamodbClient } from "../../shared/store/dynamodb-client.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb-store.ts";
import { deleteExpired, loadSeenUntil, saveSeenUntil } from "../../shared/store/local-chores.ts";
import { startEngine } from "./engine.ts";
import { type Environment, type OwnSecrets, readOwnSecrets, requireSecrets } from "./environment.ts";
import { listen } from "./listen.ts";
import { type LocalOptions, UsageError } from "./options.ts";
import type { Progress } from "./progress/progress.ts";
import { repeat } from "./repeat.ts";
import { createSchedules } from "./schedules.ts";
import { createSimulatedHub } from "./simulated-hub/simulated-hub.ts";

const tableName = "tagrelay";
const sweepEveryMs = 1_000;
const schedulesEveryMs = 1_000;
const deleteExpiredEveryMs = 60 * 60_000;

export type LocalProgram = {
  origin: string;
  pipelines: readonly Pipeline[];
  ownSecrets: OwnSecrets;
  /** Whether builds are simulated: nothing real is asked for. */
  isSimulated: boolean;
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
  const clock = Date.now;
  const { pipelines, historyMs } = readConfig(options.config ?? "tagrelay.yaml");
  if (options.live) requireSecrets(pipelines, env);
  makeFolder(options.data);
  const ownSecrets = readOwnSecrets(options.data, env);
  const engine = options.dynamodbEndpoint === null ? await startEngine(options.data) : null;
  const client = createDynamodbClient(options.dynamodbEndpoint ?? engine?.endpoint ?? null);
  await createTable(client, tableName);

  const isSimulated = !options.live && options.hubUrl === null;
  let webhookUrl = "";
  const send = createSend();
  const simulatedHub = isSimulated
    ? await createSimulatedHub({
        path: join(options.data, "simulated-hub.json"),
        steps: pipelines.flatMap(({ steps }) => steps),
        buildMs: simulatedBuildMs,
        webhookUrl: () => webhookUrl,
        send,
      })
    : null;
  const origins: Origins = simulatedHub
    ? {
        hub: simulatedHub.origin,
        registry: simulatedHub.origin,
        github: simulatedHub.origin,
      }
    : {
        hub: options.hubUrl,
        registry: options.registryUrl,
        // Without --live, nothing real is asked for, whoever builds.
        github: options.live ? null : options.hubUrl,
      };
  // A stand-in takes any secret, and is never given a real one unasked.
  const readSecret = async (name: string) =>
    isSimulated ? "simulated" : env[name] || (options.live ? null : "none");

  const ended = createEnded();
  const relay = createRelay(pipelines, {
    store: createDynamodbStore({ client, tableName, historyMs }),
    triggers: { send, origins, readSecret, clock },
    lookUpTag: createLookUpTag(send, origins, clock),
    clock,
    random: Math.random,
    log,
    observe: (before, after) => {
      progress.observe(before, after);
      ended.observe(before, after);
    },
  });
  const app = createApp(relay, {
    readWebhookSecrets: async () => [ownSecrets.webhookSecret.value],
    readApiToken: async () => ownSecrets.apiToken.value,
  });
  const runSchedules = await createSchedules(relay, {
    load: () => loadSeenUntil(client, tableName),
    save: (seenUntil) => saveSeenUntil(client, tableName, seenUntil),
  });
  const server = await listen(app.fetch, options.host, options.port);
  webhookUrl = `${server.origin}/hooks/dockerhub/${ownSecrets.webhookSecret.value}`;
  simulatedHub?.start();

  const states = await relay.store.loadMany([...relay.pipelines.keys()]);
  const activeRuns = [...states.values()].flatMap(({ run }) => (run?.status === "running" ? run : []));

  const report = reportFailures(log);
  const chores = [
    repeat(
      sweepEveryMs,
      report("sweep.failed", () => sweep(relay)),
    ),
    repeat(schedulesEveryMs, report("schedules.failed", runSchedules)),
    repeat(
      deleteExpiredEveryMs,
      report("expiry.failed", () => deleteExpired(client, tableName, clock())),
    ),
  ];
  return {
    origin: server.origin,
    pipelines,
    ownSecrets,
    isSimulated,
    activeRuns,
    runFirstRuns: () => runFirstRuns(relay, ended),
    stop: async () => {
      await Promise.all(chores.map((chore) => chore.stop()));
      await server.close();
      await simulatedHub?.stop();
      client.destroy();
      await engine?.close();
    },
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    throw new UsageError(`expected --data to be a folder that can be written, found ${path} (${code})`);
  }
}

/** Two to five seconds, always the same for an image. */
function simulatedBuildMs(image: string): number {
  const sum = [...image].reduce((all, character) => all + (character.codePointAt(0) ?? 0), 0);
  return 2_000 + (sum % 31) * 100;
}

function reportFailures(log: Log) {
  return (event: string, work: () => Promise<unknown>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log("error", {
        event,
        reason: error instanceof Error ? error.message : "unknown",
      });
    }
  };
}

/** Lets one wait for the end of a run. */
function createEnded() {
  const waiting = new Map<string, () => void>();
  return {
    observe: (_before: Run | null, after: Run | null) => {
      if (after !== null && after.status !== "running") waiting.get(after.id)?.();
    },
    waitFor: (id: string) => new Promise<void>((resolve) => waiting.set(id, resolve)),
  };
}

async function runFirstRuns(relay: Relay, ended: ReturnType<typeof createEnded>): Promise<void> {
  const states = await relay.store.loadMany([...relay.pipelines.keys()]);
  const fresh = [...relay.pipelines.values()].filter(({ name }) => !states.get(name)?.run);
  await Promise.all(
    fresh.map(async (pipeline) => {
      const newRun = newRunId(relay, pipeline);
      const isOver = ended.waitFor(newRun);
      await apply(relay, pipeline, {
        kind: "runRequested",
        newRunId: newRun,
        cause: "manual",
        from: null,
        scheduledFor: null,
      });
      await isOver;
    }),
  );
}
