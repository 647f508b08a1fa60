// Copies the folder of the embedded engine while a program may be writing to it.
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "../../../shared/usage-error.ts";
import { codeOf } from "../commands/command-files.ts";
import { folderIn } from "../engine/check-folder.ts";

const maxTries = 50;

/**
 * The copy is the state of one moment: LevelDB's tables never change, its logs only grow, and which of them count is in the
 * file that CURRENT names. If that file changes meanwhile, the copy starts again.
 */
export async function copyState(data: string, to: string): Promise<void> {
  const from = folderIn(data);
  for (let tries = 1; tries <= maxTries; tries += 1) {
    await rm(folderIn(to), { recursive: true, force: true });
    await mkdir(folderIn(to), { recursive: true, mode: 0o700 });
    if (await tryToCopy(from, folderIn(to))) return;
    await sleep(20 * tries);
  }
  throw new UsageError(
    `expected ${data} to hold still for a moment, found that it changed during each of ${maxTries} copies; try again when less is going on`,
  );
}

async function tryToCopy(from: string, to: string): Promise<boolean> {
  try {
    const before = await readManifest(from);
    // In the order of their numbers: of two logs, the first one no longer grows.
    for (const name of (await readdir(from)).sort()) {
      if (/^\d+\.(?:ldb|log)$/.test(name)) await copyFile(join(from, name), join(to, name));
    }
    await copyFile(join(from, before.name), join(to, before.name));
    await copyFile(join(from, "CURRENT"), join(to, "CURRENT"));
    const [after, copied] = [await readManifest(from), await readManifest(to)];
    return before.content.equals(after.content) && before.content.equals(copied.content);
  } catch (error) {
    // A table was deleted after the folder was listed.
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function readManifest(folder: string): Promise<{ name: string; content: Buffer }> {
  const name = (await readFile(join(folder, "CURRENT"), "utf8")).trim();
  return { name, content: await readFile(join(folder, name)) };
}
