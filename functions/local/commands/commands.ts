// Runs commands so that they outlive the program: each has a supervising process (supervise.ts), its state is in the
// data folder, and reporting its end is retried until it succeeds.
import { setMaxListeners } from "node:events";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BuildRequest, Command, Commands, TriggerOutcome } from "../../../shared/kinds/builder.ts";
import { type Log, messageOf } from "../../../shared/log.ts";
import { type BuilderPool, createBuilderPool, defaultLeaveOutMs } from "./builder-pool.ts";
import {
  attemptsOf,
  type Base,
  baseOf,
  basesIn,
  type CommandKey,
  codeOf,
  commandsFolder,
  namesIn,
  readOutcome,
  readRecord,
  runFolder,
} from "./command-files.ts";
import { deleteOlderThan } from "./delete-older-than.ts";
import { createFindOutcome, type FindOutcome } from "./find-outcome.ts";
import { type EndedCommand, followCommand } from "./follow-command.ts";
import { type FollowedOutput, followOutput } from "./follow-output.ts";
import { readOutput } from "./output-log.ts";
import { type StartContext, startCommand } from "./start-command.ts";
import { refused, rejected } from "./start-failure.ts";
import { stopCommand } from "./stop-command.ts";

export type CommandsOptions = {
  /** The program's data folder. */
  data: string;
  /** The environment of every command; without the program's secrets. */
  environment: Readonly<Record<string, string | undefined>>;
  /** If it throws, the end is reported again later, also after a restart. */
  report: (ended: EndedCommand) => Promise<void>;
  log: Log;
  /** What to run in place of a command while builds are simulated; null for the command itself. */
  simulate?: (build: BuildRequest) => Command | null;
  timings?: Partial<typeof defaultTimings>;
  /** How many bytes to keep of the start of the output, and of its end. */
  outputPieceBytes?: number;
  /** Which command builds on which host; shared with the builds of Dockerfiles, so that both are counted. Default: one of its own. */
  pool?: BuilderPool;
  platform?: NodeJS.Platform;
};

export const defaultTimings = {
  /** How often to check whether a command has ended. The end of one that this process started is noticed at once. */
  pollMs: 1_000,
  /** How often to look for more output, for those who follow it. */
  outputPollMs: 200,
  reportRetryMs: 1_000,
  maxReportRetryMs: 60_000,
  /** How long a command may take to end by itself after SIGTERM. */
  stopGraceMs: 10_000,
  /** How long a command may take to start; shorter than a trigger's time-out. */
  maxStartMs: 8_000,
  /** A command whose supervisor has not appeared by then was never started. */
  maxSupervisorStartMs: 30_000,
};

export type CommandMachine = Commands & {
  /** The number of the last attempt that was started; null if there is none. */
  lastAttempt: (runId: string, step: string) => Promise<number | null>;
  /** The output of an attempt as it comes, until it ends. `from` is a position in bytes. */
  followOutput: (key: CommandKey, from: number, signal: AbortSignal) => AsyncGenerator<FollowedOutput, void>;
  /** Follows the commands that an earlier process left running. */
  resume: () => Promise<void>;
  /** Deletes the files of a run. All of its commands must have ended. */
  forget: (runId: string) => Promise<void>;
  /** Deletes the files of the runs whose commands all ended before the instant. */
  deleteOlderThan: (instant: number) => Promise<void>;
  /** Stops following commands; they keep running. */
  close: () => Promise<void>;
};

export function createCommands(options: CommandsOptions): CommandMachine {
  const data = resolve(options.data);
  const timings = { ...defaultTimings, ...options.timings };
  const findOutcome = createFindOutcome(timings.maxSupervisorStartMs);
  const { pool = createBuilderPool() } = options;
  const { follow, isFollowed, close } = createFollowing(options, timings, findOutcome, pool);
  const { run, starting } = createRun(options, pool, {
    data,
    findOutcome,
    follow,
    environment: options.environment,
    outputPieceBytes: options.outputPieceBytes ?? 1024 * 1024,
    stopGraceMs: timings.stopGraceMs,
    maxStartMs: timings.maxStartMs,
  });
  return {
    run,
    stop: async (key) => {
      const base = baseOf(data, key);
      await starting.get(base);
      const record = await readRecord(base);
      if (record !== null) await stopCommand(base, record, findOutcome);
    },
    resume: () => resumeCommands(data, follow, options.log),
    lastAttempt: async (runId, step) => (await attemptsOf(data, { runId, step }))[0] ?? null,
    followOutput: (key, from, signal) =>
      followOutput(baseOf(data, key), { from, pollMs: timings.outputPollMs, signal }),
    readOutput: async (runId, step, attempt) => {
      const chosen = attempt ?? (await attemptsOf(data, { runId, step }))[0];
      if (chosen === undefined) return null;
      const base = baseOf(data, { runId, step, attempt: chosen });
      const record = await readRecord(base);
      return record === null ? null : readOutput(base, record.outputPieceBytes);
    },
    forget: (runId) => rm(runFolder(data, runId), { recursive: true, force: true }),
    deleteOlderThan: (instant) => deleteOlderThan(data, instant, isFollowed, options.log),
    close: async () => {
      await Promise.allSettled(starting.values());
      await close();
    },
  };
}

function createRun(
  { platform = process.platform, simulate }: CommandsOptions,
  pool: BuilderPool,
  context: StartContext,
) {
  const starting = new Map<Base, Promise<TriggerOutcome>>();
  const run = async (command: Command, build: BuildRequest): Promise<TriggerOutcome> => {
    if (platform === "win32") return rejected("expected Linux or macOS to run commands on, found Windows");
    const base = baseOf(context.data, build);
    // A second call for the same attempt waits for the first.
    const outcome =
      starting.get(base) ??
      startOnBuilder(base, simulate?.(build) ?? command, build, pool, context)
        // What fails from the record on is in the outcome, so nothing was started.
        .catch((error: unknown): TriggerOutcome => refused(codeOf(error)))
        .finally(() => starting.delete(base));
    starting.set(base, outcome);
    return outcome;
  };
  return { run, starting };
}

/** Takes a host for the command, if it has some to choose from. It is released when the command has ended. */
async function startOnBuilder(
  base: Base,
  command: Command,
  build: BuildRequest,
  pool: BuilderPool,
  context: StartContext,
): Promise<TriggerOutcome> {
  const { hosts } = command;
  // A command that is recorded already keeps its host.
  const isRecorded = async () => (await readRecord(base).catch(() => null)) !== null;
  if (hosts === undefined || (await isRecorded())) return startCommand(base, command, build, context, null);
  const taken = await pool.take(base, hosts.builders);
  if (taken.kind === "none") {
    return { kind: "refused", reason: taken.reason, retryAfterMs: defaultLeaveOutMs };
  }
  const { builder } = taken;
  let isStarted = false;
  try {
    const onHost = hosts.commandOn(builder);
    const outcome = "kind" in onHost ? onHost : await startCommand(base, onHost, build, context, builder.url);
    isStarted = outcome.kind !== "refused" && outcome.kind !== "rejected";
    return outcome;
  } finally {
    if (!isStarted) pool.release(base);
  }
}

async function resumeCommands(data: string, follow: StartContext["follow"], log: Log): Promise<void> {
  // The others go on without one that cannot be read.
  const goOn = async (path: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      log("error", { event: "command.unreadable", path, reason: messageOf(error) });
    }
  };
  for (const name of await namesIn(commandsFolder(data))) {
    const folder = join(commandsFolder(data), name);
    await goOn(folder, async () => {
      for (const base of await basesIn(folder)) {
        await goOn(base, () => resumeCommand(base, follow));
      }
    });
  }
}

async function resumeCommand(base: Base, follow: StartContext["follow"]): Promise<void> {
  const record = await readRecord(base);
  const reportedAt = (await readOutcome(base))?.reportedAt ?? null;
  if (record !== null && reportedAt === null) follow(base, record, null);
}

function createFollowing(
  { report, log }: CommandsOptions,
  { pollMs, reportRetryMs, maxReportRetryMs }: typeof defaultTimings,
  findOutcome: FindOutcome,
  pool: BuilderPool,
) {
  const stopping = new AbortController();
  // Every running command adds a listener.
  setMaxListeners(0, stopping.signal);
  const following = new Map<Base, Promise<void>>();
  const follower = {
    findOutcome,
    report,
    log,
    pollMs,
    reportRetryMs,
    maxReportRetryMs,
    stopping: stopping.signal,
  };
  const follow: StartContext["follow"] = (base, record, supervised) => {
    if (following.has(base) || stopping.signal.aborted) return;
    if (record.builder !== null) pool.hold(base, record.builder);
    const ended = followCommand(base, record, supervised, follower).finally(() => {
      following.delete(base);
      pool.release(base);
    });
    following.set(base, ended);
  };
  const close = async () => {
    stopping.abort();
    await Promise.allSettled(following.values());
  };
  return { follow, isFollowed: (base: Base) => following.has(base), close };
}
