// Tells whether a command has ended, and decides it where nobody is left to say.
import {
  type Base,
  byNobody,
  type CommandOutcome,
  type CommandRecord,
  claim,
  codeOf,
  type How,
  readOutcome,
  readSeenTo,
  recordPath,
  writeOutcome,
} from "./kept-files.ts";
import { endLeftovers, isSupervisorOf } from "./processes.ts";

/** The outcome, or null while the command runs. */
export type Settle = (base: Base, record: CommandRecord) => Promise<CommandOutcome | null>;

/** A supervisor takes a moment to come; after `startPatienceMs` it is too late. */
export function createSettle(startPatienceMs: number): Settle {
  // One at a time for each: what is decided is decided once.
  const underWay = new Map<Base, Promise<CommandOutcome | null>>();
  return (base, record) => {
    const settling =
      underWay.get(base) ?? settle(base, record, startPatienceMs).finally(() => underWay.delete(base));
    underWay.set(base, settling);
    return settling;
  };
}

async function settle(
  base: Base,
  record: CommandRecord,
  startPatienceMs: number,
): Promise<CommandOutcome | null> {
  const known = await readOutcome(base);
  if (known !== null) return known;
  let seenTo = await readSeenTo(base);
  if (seenTo === null) {
    if (Date.now() - record.writtenAt < startPatienceMs) return null;
    seenTo = (await claim(base, byNobody).catch(unlessDeleted))
      ? byNobody
      : ((await readSeenTo(base)) ?? byNobody);
  }
  if (await isSupervisorOf(seenTo.supervisor, recordPath(base))) return null;
  // It may have left its word between the two looks.
  const word = await readOutcome(base);
  if (word !== null) return word;
  if (seenTo.group !== null) await endLeftovers(seenTo.group, recordPath(base), record.stopGraceMs);
  const how: How = { kind: seenTo.supervisor === 0 ? "neverStarted" : "lost" };
  const outcome = { how, endedAt: Date.now(), toldAt: null };
  await writeOutcome(base, outcome).catch(unlessDeleted);
  return outcome;
}

/** Somebody may have deleted the data folder. */
function unlessDeleted(error: unknown): void {
  if (codeOf(error) !== "ENOENT") throw error;
}
