// Stops a command through its supervisor.
import { setTimeout as sleep } from "node:timers/promises";
import { type Base, type CommandRecord, readOwner, recordPath } from "./command-files.ts";
import type { FindOutcome } from "./find-outcome.ts";
import { isSupervisorOf, signal, stopLeftovers } from "./processes.ts";

/** How long the supervisor may take in addition to the command's grace period. */
const supervisorGraceMs = 5_000;

/** Resolves when the command has ended. */
export async function stopCommand(
  base: Base,
  record: CommandRecord,
  findOutcome: FindOutcome,
): Promise<void> {
  const deadline = performance.now() + record.stopGraceMs + supervisorGraceMs;
  let isSignalled = false;
  while ((await findOutcome(base, record)) === null) {
    const owner = await readOwner(base);
    if (owner !== null && (await isSupervisorOf(owner.supervisor, recordPath(base)))) {
      const isLate = performance.now() > deadline;
      if (!isSignalled || isLate) signal(owner.supervisor, isLate ? "SIGKILL" : "SIGTERM");
      isSignalled = true;
      if (isLate && owner.group !== null) await stopLeftovers(owner.group, recordPath(base), 0);
    }
    await sleep(50);
  }
}
