// The machine that commands run on, so that they outlive the program: each has a process that sees to it
// (supervise.ts), what is known of it stands in the data folder, and its end is told until it has been taken.
import { setMaxListeners } from "node:events";
import { join, resolve } from "node:path";
import type { Log } from "../../../shared/log/log.ts";
import type { Build, Command, Commands, TriggerOutcome } from "../../../shared/triggers/trigger.ts";
import { type Beginner, beginCommand } from "./begin-command.ts";
import { deleteOlderThan } from "./delete-older-than.ts";
import { type EndedCommand, followCommand } from "./follow-command.ts";
import {
  attemptsOf,
  type Base,
  baseOf,
  basesIn,
  codeOf,
  commandsFolder,
  namesIn,
  readOutcome,
  readRecord,
} from "./kept-files.ts";
import { readKeptOutput } from "./kept-output.ts";
import { createSettle } from "./settle.ts";
import { stopCommand } from "./stop-command.ts";
import { rejected } from "./why-not-started.ts";

export type CommandsOptions = {
  /** The program's data folder. */
  data: string;
  /** What every command's environment begins with: without the program's secrets. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Told again where it throws, and at the next start. */
  report: (ended: EndedCommand) => Promise<void>;
  log: Log;
  /** What is run in a command's place, so that nothing real is done; null for the command itself. */
  standIn?: (build: Build) => Command | null;
  waits?: Partial<typeof usualWaits>;
  /** So many bytes of the output's beginning, and of its end, are kept. */
  keptBytes?: number;
  platform?: NodeJS.Platform;
};

export const usualWaits = {
  /** How often the commands of an earlier start are looked at. */
  pollMs: 1_000,
  tellAgainMs: 1_000,
  tellAgainAtMostMs: 60_000,
  /** What a command has to end by itself, once it is asked to. */
  stopGraceMs: 10_000,
  /** How long a command may take to begin; less than a trigger has to answer. */
  startMs: 8_000,
  /** After this nobody comes any more to see to a command. */
  startPatienceMs: 30_000,
};

export type CommandMachine = Commands & {
  /** Goes on with the commands of earlier starts. */
  resume: () => Promise<void>;
  /** Forgets the runs whose commands had all ended before. */
  deleteOlderThan: (instant: number) => Promise<void>;
  /** Looks at nothing any more; the commands go on. */
  close: () => Promise<void>;
};

export function createCommands(options: CommandsOptions): CommandMachine {
  const data = resolve(options.data);
  const waits = { ...usualWaits, ...options.waits };
  const settle = createSettle(waits.startPatienceMs);
  const { follow, isFollowed, close } = createFollowing(options, waits, settle);
  const beginner: Beginner = {
    ...{
      data,
      settle,
      follow,
      environment: options.environment,
      keptBytes: options.keptBytes ?? 1024 * 1024,
    },
    ...{ stopGraceMs: waits.stopGraceMs, startMs: waits.startMs },
  };
  const starting = new Map<Base, Promise<TriggerOutcome>>();
  return {
    run: async (asked, build) => {
      if ((options.platform ?? process.platform) === "win32") {
        return rejected("expected Linux or macOS to run commands on, found Windows");
      }
      const base = baseOf(data, build);
      const begun =
        starting.get(base) ??
        beginCommand(base, options.standIn?.(build) ?? asked, build, beginner)
          // It may have begun before.
          .catch(
            (error: unknown): TriggerOutcome => ({
              kind: "unknown",
              reason: `the command: ${codeOf(error)}`,
            }),
          )
          .finally(() => starting.delete(base));
      starting.set(base, begun);
      return begun;
    },
    stop: async (key) => {
      const base = baseOf(data, key);
      await starting.get(base);
      const record = await readRecord(base);
      if (record !== null) await stopCommand(base, record, settle);
    },
    resume: async () => {
      for (const name of await namesIn(commandsFolder(data))) {
        for (const base of await basesIn(join(commandsFolder(data), name))) {
          const record = await readRecord(base);
          const toldAt = (await readOutcome(base))?.toldAt ?? null;
          if (record !== null && toldAt === null) follow(base, record, null);
        }
      }
    },
    readOutput: async (runId, step, attempt) => {
      const chosen = attempt ?? (await attemptsOf(data, { runId, step }))[0];
      if (chosen === undefined) return null;
      const base = baseOf(data, { runId, step, attempt: chosen });
      const record = await readRecord(base);
      return record === null ? null : readKeptOutput(base, record.keptBytes);
    },
    deleteOlderThan: (instant) => deleteOlderThan(data, instant, isFollowed),
    close: async () => {
      await Promise.allSettled(starting.values());
      await close();
    },
  };
}

function createFollowing(
  { report, log }: CommandsOptions,
  { pollMs, tellAgainMs, tellAgainAtMostMs }: typeof usualWaits,
  settle: ReturnType<typeof createSettle>,
) {
  const stopping = new AbortController();
  // One for each command that runs.
  setMaxListeners(0, stopping.signal);
  const following = new Map<Base, Promise<void>>();
  const follower = {
    ...{ settle, report, log, pollMs, stopping: stopping.signal },
    tellAgainMs: [tellAgainMs, tellAgainAtMostMs] as const,
  };
  const follow: Beginner["follow"] = (base, record, supervised) => {
    if (following.has(base) || stopping.signal.aborted) return;
    following.set(
      base,
      followCommand(base, record, supervised, follower).finally(() => following.delete(base)),
    );
  };
  const close = async () => {
    stopping.abort();
    await Promise.allSettled(following.values());
  };
  return { follow, isFollowed: (base: Base) => following.has(base), close };
}
