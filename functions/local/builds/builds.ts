// Runs builds of the API: each has a Dockerfile of its own and belongs to no pipeline. A build is saved before it is started, waits
// for its turn, and runs as a command does: it outlives the program, which finds it again at the next start.
import { randomBytes } from "node:crypto";
import type { BuildEnd, TriggerOutcome } from "../../../shared/kinds/builder.ts";
import type { ReadSecret } from "../../../shared/kinds/read-secret.ts";
import { type Log, messageOf } from "../../../shared/log.ts";
import type { BuildsSettings } from "../../../shared/pipeline/pipeline.ts";
import { type CommandMachine, type CommandsOptions, createCommands } from "../commands/commands.ts";
import {
  type Build,
  type ContextFiles,
  isOver,
  listContexts,
  removeContext,
  writeContext,
} from "./build-files.ts";
import { type BuildStates, createBuildStates } from "./build-states.ts";
import { buildStep, keyOf, type RunContext, runBuild } from "./run-build.ts";

export type BuildsOptions = Pick<CommandsOptions, "environment" | "simulate" | "pool"> & {
  settings: BuildsSettings;
  /** A folder of the program's data folder. */
  data: string;
  readSecret: ReadSecret;
  log: Log;
  clock: () => number;
  /** How many builds that are over are kept. */
  maxKept?: number;
  /** For tests. */
  commands?: Pick<CommandsOptions, "timings" | "outputPieceBytes">;
};

export type Asked = { kind: "asked"; build: Build } | { kind: "full"; queued: number };
export type Builds = {
  ask: (image: string, files: ContextFiles) => Promise<Asked>;
  /** The newest first. */
  list: () => Build[];
  find: (id: string) => Build | null;
  /** Null if there is no such build, or it is over. */
  cancel: (id: string) => Promise<Build | null>;
  commands: CommandMachine;
  /** Goes on with what an earlier program began. */
  resume: () => Promise<void>;
  deleteOlderThan: (instant: number) => Promise<void>;
  close: () => Promise<void>;
};

const defaultMaxKept = 200;
const retryMs = 5_000;

export function createBuilds(options: BuildsOptions): Builds {
  const { settings, data, clock, log } = options;
  const states = createBuildStates(data);
  const queue = createQueue(options, states);
  const { commands, stop } = queue;
  let asking = 0;
  return {
    commands,
    list: () => states.all().reverse(),
    find: states.find,
    ask: async (image, files) => {
      const queued = queue.waiting() + asking;
      if (queued >= settings.maxQueued + queue.free()) return { kind: "full", queued };
      asking += 1;
      try {
        const id = randomBytes(16).toString("hex");
        await writeContext(data, id, files);
        const build: Build = {
          id,
          image,
          status: "queued",
          queuedAt: clock(),
          startedAt: null,
          endedAt: null,
          reason: null,
          builder: null,
        };
        await states.add(build);
        log("info", { event: "build.queued", build: id, image });
        return { kind: "asked", build };
      } finally {
        asking -= 1;
        queue.startNext();
      }
    },
    cancel: async (id) => {
      const cancelled = await states.update(id, (build) => {
        if (isOver(build)) return null;
        // Until its command has ended, it takes its place.
        if (build.status === "building") queue.stopping.add(id);
        return { ...build, status: "cancelled", endedAt: clock() };
      });
      if (cancelled === null) return null;
      log("info", { event: "build.ended", build: id, image: cancelled.image, outcome: "cancelled" });
      if (queue.stopping.has(id)) void stop(id);
      else await removeContext(data, id);
      return cancelled;
    },
    resume: () => resume(options, states, queue),
    deleteOlderThan: async (instant) => {
      const old = await states.removeOlderThan(instant, options.maxKept ?? defaultMaxKept);
      for (const id of old) await commands.forget(id);
    },
    close: queue.close,
  };
}

type Queue = ReturnType<typeof createQueue>;

/** Starts queued builds, the oldest first, and no more at once than allowed. */
function createQueue(options: BuildsOptions, states: BuildStates) {
  const { settings, data, log, clock } = options;
  /** Cancelled builds whose commands have not ended yet. */
  const stopping = new Set<string>();
  const stopped = new AbortController();
  let isStarting = false;

  const commands = createCommands({
    data,
    environment: options.environment,
    ...options.commands,
    ...(options.simulate === undefined ? {} : { simulate: options.simulate }),
    ...(options.pool === undefined ? {} : { pool: options.pool }),
    log,
    report: ({ runId, end }) => receiveEnd(runId, end),
  });
  const context: RunContext = { settings, data, readSecret: options.readSecret, commands };
  const withStatus = (status: Build["status"]) => states.all().filter((build) => build.status === status);
  const free = () => {
    const taken = withStatus("building").length + stopping.size;
    return Math.max(0, settings.command.concurrency - taken);
  };

  /** Also of a build that was cancelled. If it throws, it is called again. */
  async function receiveEnd(id: string, end: BuildEnd): Promise<void> {
    const reason = end.kind === "failed" ? end.reason : null;
    const ended = await states.update(id, (build) =>
      build.status === "building" ? { ...build, status: end.kind, endedAt: clock(), reason } : null,
    );
    await removeContext(data, id);
    stopping.delete(id);
    if (ended !== null) {
      log(reason === null ? "info" : "warn", {
        event: "build.ended",
        build: id,
        image: ended.image,
        outcome: ended.status,
        ...(reason === null ? {} : { reason }),
      });
    }
    startNext();
  }

  async function start({ id }: Build): Promise<void> {
    const build = await states.update(id, (queued) =>
      queued.status === "queued" ? { ...queued, status: "building", startedAt: clock() } : null,
    );
    if (build === null) return;
    log("info", { event: "build.started", build: id, image: build.image });
    const outcome = await runBuild(build, context).catch(
      (error: unknown): TriggerOutcome => ({ kind: "refused", reason: messageOf(error), retryAfterMs: null }),
    );
    if (outcome.kind === "refused" || outcome.kind === "rejected") {
      return untilDone(() => receiveEnd(id, { kind: "failed", reason: outcome.reason }));
    }
    const builder = outcome.kind === "accepted" ? outcome.build?.builder : undefined;
    if (builder !== undefined) await states.update(id, (begun) => ({ ...begun, builder }));
    // It was cancelled before there was a command to stop.
    if (stopping.has(id)) void stop(id);
  }

  async function untilDone(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // As on a full disk.
      log("error", { event: "build.failed", reason: messageOf(error) });
      if (!stopped.signal.aborted) setTimeout(() => void untilDone(work), retryMs).unref();
    }
  }

  function startNext(): void {
    const [next] = withStatus("queued");
    if (isStarting || stopped.signal.aborted || next === undefined || free() === 0) return;
    isStarting = true;
    void untilDone(async () => {
      try {
        await start(next);
      } finally {
        isStarting = false;
      }
      startNext();
    });
  }

  /** Its end is reported like any other, and frees its place. */
  async function stop(id: string): Promise<void> {
    stopping.add(id);
    await commands.stop(keyOf(id)).catch((error: unknown) => {
      log("error", { event: "stop.failed", build: id, reason: messageOf(error) });
    });
  }

  const close = async () => {
    stopped.abort();
    await commands.close();
  };
  const waiting = () => withStatus("queued").length;
  return { commands, stopping, free, waiting, withStatus, startNext, stop, receiveEnd, close };
}

/** Nothing is left that says "building" and is not: a build goes on if its command does, or has failed. */
async function resume({ data }: BuildsOptions, states: BuildStates, queue: Queue): Promise<void> {
  const { commands } = queue;
  await states.load();
  const wasStarted = async (id: string) => (await commands.lastAttempt(id, buildStep)) !== null;
  for (const { id } of queue.withStatus("building")) {
    if (await wasStarted(id)) continue;
    await queue.receiveEnd(id, {
      kind: "failed",
      reason: "the program ended before the build was started; ask for it again",
    });
  }
  for (const id of await listContexts(data)) {
    const build = states.find(id);
    if (build !== null && !isOver(build)) continue;
    if (build !== null && (await wasStarted(id))) void queue.stop(id);
    else await removeContext(data, id);
  }
  await commands.resume();
  queue.startNext();
}
