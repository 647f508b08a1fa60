// Ends a command before its time, by way of the process that sees to it.
import { setTimeout as sleep } from "node:timers/promises";
import { type Base, type CommandRecord, readSeenTo, recordPath } from "./kept-files.ts";
import { endLeftovers, isSupervisorOf, signal } from "./processes.ts";
import type { Settle } from "./settle.ts";

/** What a supervisor that was asked to end its command needs beyond the command's grace. */
const supervisorMs = 5_000;

/** Resolves when it has ended. */
export async function stopCommand(base: Base, record: CommandRecord, settle: Settle): Promise<void> {
  const end = performance.now() + record.stopGraceMs + supervisorMs;
  let isAsked = false;
  while ((await settle(base, record)) === null) {
    const seenTo = await readSeenTo(base);
    if (seenTo !== null && (await isSupervisorOf(seenTo.supervisor, recordPath(base)))) {
      const isLate = performance.now() > end;
      if (!isAsked || isLate) signal(seenTo.supervisor, isLate ? "SIGKILL" : "SIGTERM");
      isAsked = true;
      if (isLate && seenTo.group !== null) await endLeftovers(seenTo.group, recordPath(base), 0);
    }
    await sleep(50);
  }
}
