// Restores a backup into a data folder that has no state yet.
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createTable } from "../../../shared/store/dynamodb/create-table.ts";
import { UsageError } from "../../../shared/usage-error.ts";
import { makeDataFolder } from "../data-folder.ts";
import { folderIn } from "../engine/check-folder.ts";
import { startEngine } from "../engine/engine.ts";
import { tableNames } from "../open-table.ts";
import { findStoredSecrets, storeSecrets } from "../own-secrets.ts";
import type { Backup } from "./backup-file.ts";
import { putItems } from "./table-items.ts";

/** The state appears by one rename, so a kill leaves either none of it or all. */
export async function restoreFolder(data: string, { items, secrets }: Backup): Promise<void> {
  makeDataFolder(data);
  const target = folderIn(data);
  if (existsSync(target) && (await readdir(target)).length > 0) {
    throw new UsageError(
      `expected a folder without a state at ${data}, found one with a state, which is never replaced; move ${target} away, or name another folder with --data`,
    );
  }
  const draft = join(data, "restoring");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  try {
    const engine = await startEngine(draft, true);
    try {
      await createTable(engine.requests, tableNames.live);
      await putItems(engine.requests, tableNames.live, items);
    } finally {
      await engine.close();
    }
    if (secrets !== null && findStoredSecrets(data) === null) storeSecrets(data, secrets);
    await rename(folderIn(draft), target);
    await flushFolder(data);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A rename reaches the disk with its folder. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}
