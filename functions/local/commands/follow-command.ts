// Waits for a command's end and tells it, again and again until it has been taken.
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../../shared/log/log.ts";
import { type End, endOf } from "./end-of.ts";
import {
  type Base,
  type CommandKey,
  type CommandOutcome,
  type CommandRecord,
  writeOutcome,
} from "./kept-files.ts";
import { lastLineOf, readKeptOutput } from "./kept-output.ts";
import type { Settle } from "./settle.ts";

export type EndedCommand = CommandKey & { pipeline: string; end: End };

export type Follower = {
  settle: Settle;
  report: (ended: EndedCommand) => Promise<void>;
  log: Log;
  pollMs: number;
  /** How long is waited before it is told again: ever longer, up to the second. */
  tellAgainMs: readonly [number, number];
  stopping: AbortSignal;
};

/** `supervised` resolves when the process that sees to it has ended, where that can be known: it spares a wait. */
export async function followCommand(
  base: Base,
  record: CommandRecord,
  supervised: Promise<void> | null,
  follower: Follower,
): Promise<void> {
  const { settle, stopping, pollMs, log } = follower;
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping }).catch(() => undefined);
  const { pipeline, runId, step, attempt } = record;
  const about = { run: runId, step, attempt };
  const tryTo = async <T>(event: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      log("warn", { event, ...about, reason: error instanceof Error ? error.message : "unknown" });
      return null;
    }
  };

  let isWatched = supervised !== null;
  const watched = supervised?.then(() => {
    isWatched = false;
  });
  let outcome: CommandOutcome | null = null;
  for (;;) {
    outcome = await tryTo("command.unknown", () => settle(base, record));
    if (outcome !== null) break;
    await Promise.race([pause(pollMs), ...(isWatched ? [watched] : [])]);
    if (stopping.aborted) return;
  }
  if (outcome.toldAt !== null) return;

  const end = await endWithReason(base, record, outcome);
  log("info", { event: "command.ended", ...about, outcome: end.kind === "failed" ? end.reason : end.kind });
  const tell = async () => {
    await follower.report({ pipeline, runId, step, attempt, end });
    return true;
  };
  const [firstMs, atMostMs] = follower.tellAgainMs;
  for (
    let waitMs = firstMs;
    (await tryTo("command.untold", tell)) === null;
    waitMs = Math.min(2 * waitMs, atMostMs)
  ) {
    await pause(waitMs);
    if (stopping.aborted) return;
  }
  const told = { ...outcome, toldAt: Date.now() };
  await tryTo("command.unmarked", () => writeOutcome(base, told));
}

async function endWithReason(base: Base, record: CommandRecord, { how }: CommandOutcome): Promise<End> {
  // The outcome stands, whether or not the output can be read.
  const output = await readKeptOutput(base, record.keptBytes).catch(() => null);
  return endOf(how, record.timeoutMs, output === null ? null : lastLineOf(output));
}
