// Deletes the files of runs whose commands all ended before an instant.
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Base, basesIn, commandsFolder, namesIn, readOutcome } from "./command-files.ts";

/** Keeps runs with a command whose end has not been reported yet. */
export async function deleteOlderThan(
  data: string,
  instant: number,
  isFollowed: (base: Base) => boolean,
): Promise<void> {
  for (const name of await namesIn(commandsFolder(data))) {
    const folder = join(commandsFolder(data), name);
    if (await isOver(folder, instant, isFollowed)) await rm(folder, { recursive: true, force: true });
  }
}

async function isOver(
  folder: string,
  instant: number,
  isFollowed: (base: Base) => boolean,
): Promise<boolean> {
  // A file was added since.
  if ((await stat(folder)).mtimeMs >= instant) return false;
  for (const base of await basesIn(folder)) {
    const endedAt = (await readOutcome(base))?.endedAt ?? Number.POSITIVE_INFINITY;
    if (endedAt >= instant || isFollowed(base)) return false;
  }
  return true;
}
