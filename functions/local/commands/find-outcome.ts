// Finds out whether a command has ended, and how, even if its supervisor is gone.
import {
  type Base,
  type CommandOutcome,
  type CommandRecord,
  claim,
  codeOf,
  type Ending,
  noOwner,
  readOutcome,
  readOwner,
  recordPath,
  writeOutcome,
} from "./command-files.ts";
import { isSupervisorOf, stopLeftovers } from "./processes.ts";

/** The outcome, or null while the command runs. */
export type FindOutcome = (base: Base, record: CommandRecord) => Promise<CommandOutcome | null>;

export function createFindOutcome(maxSupervisorStartMs: number): FindOutcome {
  // Concurrent calls for a command share one answer.
  const underWay = new Map<Base, Promise<CommandOutcome | null>>();
  return (base, record) => {
    const finding =
      underWay.get(base) ??
      findOutcome(base, record, maxSupervisorStartMs).finally(() => underWay.delete(base));
    underWay.set(base, finding);
    return finding;
  };
}

async function findOutcome(
  base: Base,
  record: CommandRecord,
  maxSupervisorStartMs: number,
): Promise<CommandOutcome | null> {
  const known = await readOutcome(base);
  if (known !== null) return known;
  let owner = await readOwner(base);
  if (owner === null) {
    if (Date.now() - record.writtenAt < maxSupervisorStartMs) return null;
    // Keeps a late supervisor from starting the command.
    owner = (await claim(base, noOwner).catch(ignoreDeleted))
      ? noOwner
      : ((await readOwner(base)) ?? noOwner);
  }
  if (await isSupervisorOf(owner.supervisor, recordPath(base))) return null;
  // The supervisor may have written it since the first look.
  const written = await readOutcome(base);
  if (written !== null) return written;
  if (owner.group !== null) await stopLeftovers(owner.group, recordPath(base), record.stopGraceMs);
  const ending: Ending = { kind: owner.supervisor === 0 ? "neverStarted" : "lost" };
  const outcome = { ending, endedAt: Date.now(), reportedAt: null };
  await writeOutcome(base, outcome).catch(ignoreDeleted);
  return outcome;
}

/** The data folder may have been deleted. */
function ignoreDeleted(error: unknown): void {
  if (codeOf(error) !== "ENOENT") throw error;
}
