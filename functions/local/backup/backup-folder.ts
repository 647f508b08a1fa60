// Backs up the data folder of the local program, also while it runs.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../shared/usage-error.ts";
import { folderIn } from "../engine/check-folder.ts";
import { startEngine } from "../engine/engine.ts";
import { tableNames } from "../open-table.ts";
import { findStoredSecrets } from "../own-secrets.ts";
import { writeBackup } from "./backup-file.ts";
import { copyState } from "./copy-state.ts";
import { scanItems } from "./table-items.ts";

/** How many items were written. Reads a copy, so the program that has the folder is not disturbed. */
export async function backUpFolder(data: string, path: string, at: string): Promise<number> {
  if (!existsSync(join(folderIn(data), "CURRENT"))) {
    throw new UsageError(`expected the state of a tagrelay in ${data}, found none; see --data`);
  }
  const copy = await mkdtemp(join(tmpdir(), "tagrelay-backup-"));
  try {
    await copyState(data, copy);
    const engine = await startEngine(copy);
    try {
      if (engine.damage !== null) {
        throw new UsageError(`expected the state in ${data} to be whole, found that ${engine.damage.found}`);
      }
      const items = scanItems(engine.requests, tableNames.live);
      return await writeBackup(path, at, items, findStoredSecrets(data));
    } finally {
      await engine.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
