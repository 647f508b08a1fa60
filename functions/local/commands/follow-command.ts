// Waits for the end of a command and reports it until the report succeeds.
import { setTimeout as sleep } from "node:timers/promises";
import type { BuildEnd } from "../../../shared/kinds/builder.ts";
import { type Log, messageOf } from "../../../shared/log.ts";
import {
  type Base,
  type CommandKey,
  type CommandOutcome,
  type CommandRecord,
  writeOutcome,
} from "./command-files.ts";
import { describeEnd } from "./describe-end.ts";
import type { FindOutcome } from "./find-outcome.ts";
import { lastLineOf, readOutput } from "./output-log.ts";

export type EndedCommand = CommandKey & { pipeline: string; end: BuildEnd };

export type Follower = {
  findOutcome: FindOutcome;
  report: (ended: EndedCommand) => Promise<void>;
  log: Log;
  pollMs: number;
  /** The first wait before a report is repeated; it doubles up to the maximum. */
  reportRetryMs: number;
  maxReportRetryMs: number;
  stopping: AbortSignal;
};

/** `supervised` resolves when the supervisor ends, which is faster than polling; null if it is not a child process. */
export async function followCommand(
  base: Base,
  record: CommandRecord,
  supervised: Promise<void> | null,
  follower: Follower,
): Promise<void> {
  const { log, report } = follower;
  const { pipeline, runId, step, attempt } = record;
  const about = { run: runId, step, attempt };
  const tryTo: TryTo = async (event, work) => {
    try {
      return await work();
    } catch (error) {
      log("warn", { event, ...about, reason: messageOf(error) });
      return null;
    }
  };
  const outcome = await waitForOutcome(base, record, supervised, follower, tryTo);
  if (outcome === null || outcome.reportedAt !== null) return;
  const end = await endWithReason(base, record, outcome);
  log("info", { event: "command.ended", ...about, outcome: end.kind === "failed" ? end.reason : end.kind });
  const isReported = await retryUntilDone(follower, async () => {
    const result = await tryTo("command.unreported", async () => {
      await report({ pipeline, runId, step, attempt, end });
      return true;
    });
    return result === true;
  });
  if (!isReported) return;
  await tryTo("command.unmarked", () => writeOutcome(base, { ...outcome, reportedAt: Date.now() }));
}

/** Logs an error as this event and returns null. */
type TryTo = <T>(event: string, work: () => Promise<T>) => Promise<T | null>;

/** Null if the program stops first. */
async function waitForOutcome(
  base: Base,
  record: CommandRecord,
  supervised: Promise<void> | null,
  { findOutcome, pollMs, stopping }: Follower,
  tryTo: TryTo,
): Promise<CommandOutcome | null> {
  let isSupervised = supervised !== null;
  const supervisorEnd = supervised?.then(() => {
    isSupervised = false;
  });
  for (;;) {
    const outcome = await tryTo("command.unknown", () => findOutcome(base, record));
    if (outcome !== null) return outcome;
    await Promise.race([pause(pollMs, stopping), ...(isSupervised ? [supervisorEnd] : [])]);
    if (stopping.aborted) return null;
  }
}

/** False if the program stops first. */
async function retryUntilDone(
  { reportRetryMs, maxReportRetryMs, stopping }: Follower,
  attempt: () => Promise<boolean>,
): Promise<boolean> {
  for (let waitMs = reportRetryMs; !(await attempt()); waitMs = Math.min(2 * waitMs, maxReportRetryMs)) {
    await pause(waitMs, stopping);
    if (stopping.aborted) return false;
  }
  return true;
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal: stopping }).catch(() => undefined);
}

export async function endWithReason(
  base: Base,
  record: CommandRecord,
  { ending }: CommandOutcome,
): Promise<BuildEnd> {
  // The outcome counts even if the output cannot be read.
  const output = await readOutput(base, record.outputPieceBytes).catch(() => null);
  return describeEnd(ending, record.timeoutMs, output === null ? null : lastLineOf(output));
}
