// Deletes the files of runs whose commands all ended before an instant.
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Log, messageOf } from "../../../shared/log.ts";
import { type Base, basesIn, commandsFolder, namesIn, readOutcome } from "./command-files.ts";

/** Keeps runs with a command whose end has not been reported yet. */
export async function deleteOlderThan(
  data: string,
  instant: number,
  isFollowed: (base: Base) => boolean,
  log: Log,
): Promise<void> {
  for (const name of await namesIn(commandsFolder(data))) {
    const folder = join(commandsFolder(data), name);
    try {
      if (await isOver(folder, instant, isFollowed)) await rm(folder, { recursive: true, force: true });
    } catch (error) {
      // The others are deleted without it.
      log("error", { event: "expiry.failed", path: folder, reason: messageOf(error) });
    }
  }
}

async function isOver(
  folder: string,
  instant: number,
  isFollowed: (base: Base) => boolean,
): Promise<boolean> {
  const stats = await stat(folder);
  // A file is none of this program's.
  if (!stats.isDirectory()) return false;
  // A file was added since.
  if (stats.mtimeMs >= instant) return false;
  for (const base of await basesIn(folder)) {
    const endedAt = (await readOutcome(base))?.endedAt ?? Number.POSITIVE_INFINITY;
    if (endedAt >= instant || isFollowed(base)) return false;
  }
  return true;
}
