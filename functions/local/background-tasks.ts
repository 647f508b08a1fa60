// Starts the tasks that repeat while the program runs: the sweep, schedules, upstream checks, and deletions.
import type { LookUpDigest } from "../../shared/kinds/registry.ts";
import { type Log, messageOf } from "../../shared/log.ts";
import { apply } from "../../shared/relay/apply.ts";
import { ifStoreReachable } from "../../shared/relay/if-store-reachable.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { sweep } from "../../shared/relay/sweep.ts";
import { deleteExpired } from "../../shared/store/dynamodb/chores.ts";
import type { Builds } from "./builds/builds.ts";
import type { CommandMachine } from "./commands/commands.ts";
import type { OpenTable } from "./open-table.ts";
import { type Repeating, repeat } from "./repeat.ts";
import { createUpstreamChecks } from "./upstream-checks.ts";

const sweepEveryMs = 1_000;
const startsEveryMs = 1_000;
const buildsEveryMs = 10_000;
/** DynamoDB itself may take about a day to delete what has expired. */
const deleteEveryMs = 24 * 60 * 60_000;
/** More often: builds are also deleted when there are too many of them. */
const deleteBuildsEveryMs = 10 * 60_000;
/** So that the first deletions do not slow down the start. */
const firstDeleteAfterMs = 10 * 60_000;

export type BackgroundTaskPorts = {
  relay: Relay;
  lookUpDigest: LookUpDigest;
  commands: CommandMachine;
  builds: Builds | null;
  table: OpenTable;
  historyMs: number;
  /** Starts the scheduled runs that are due. */
  startScheduledRuns: () => Promise<void>;
  /** Looks up builds whose ends nobody reports. */
  checkBuilds: () => Promise<void>;
};

export function startBackgroundTasks({
  relay,
  lookUpDigest,
  commands,
  builds,
  table,
  historyMs,
  startScheduledRuns,
  checkBuilds,
}: BackgroundTaskPorts): Repeating {
  const { clock, log } = relay;
  const { requests, tableName } = table;
  const checkUpstreams = createUpstreamChecks(relay, lookUpDigest);
  void planFirstLooks(relay);
  const tasks = [
    repeat(
      sweepEveryMs,
      logFailures(log, "sweep.failed", () => sweep(relay)),
    ),
    repeat(startsEveryMs, logFailures(log, "schedules.failed", startScheduledRuns)),
    repeat(startsEveryMs, logFailures(log, "upstreams.failed", checkUpstreams)),
    repeat(buildsEveryMs, logFailures(log, "builds.failed", checkBuilds)),
    repeat(
      deleteEveryMs,
      logFailures(log, "expiry.failed", (stopping) => deleteExpired(requests, tableName, clock(), stopping)),
      firstDeleteAfterMs,
    ),
    repeat(
      deleteEveryMs,
      logFailures(log, "expiry.failed", () => commands.deleteOlderThan(clock() - historyMs)),
      firstDeleteAfterMs,
    ),
    repeat(
      deleteBuildsEveryMs,
      logFailures(log, "expiry.failed", async () => builds?.deleteOlderThan(clock() - historyMs)),
      firstDeleteAfterMs,
    ),
  ];
  return {
    stop: async () => {
      await Promise.all(tasks.map((task) => task.stop()));
    },
  };
}

/** The sweep finds only pipelines with a saved state; this tick gives one to those that only watch. */
async function planFirstLooks(relay: Relay): Promise<void> {
  const pipelines = [...relay.pipelines.values()].filter(({ lookEveryMs }) => lookEveryMs !== null);
  await Promise.all(
    pipelines.map((pipeline) =>
      ifStoreReachable(relay, { event: "look.failed", pipeline: pipeline.name }, () =>
        apply(relay, pipeline, { kind: "tick" }),
      ),
    ),
  );
}

function logFailures(log: Log, event: string, work: (stopping: AbortSignal) => Promise<unknown>) {
  return async (stopping: AbortSignal): Promise<void> => {
    try {
      await work(stopping);
    } catch (error) {
      log("error", { event, reason: messageOf(error) });
    }
  };
}
