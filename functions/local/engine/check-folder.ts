// Checks the folder of the embedded engine before it is opened.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ClassicLevel } from "classic-level";
import { UsageError } from "../../../shared/usage-error.ts";
import { causeOf, isLocked } from "./level-error.ts";
import { type LiveFiles, readLiveFiles } from "./live-tables.ts";
import { readLogRecords } from "./log-records.ts";

export const folderIn = (data: string) => join(data, "dynamodb");

/** What was found damaged, and where the folder was copied to as it was. */
export type Damage = { found: string; copy: string };

/**
 * If its folder cannot be opened, the engine throws where nothing can catch the error; so this tries first. What LevelDB
 * would leave out silently is returned, and a copy is kept, because opening the folder cleans it up.
 */
export async function checkFolder(data: string): Promise<Damage | null> {
  const folder = folderIn(data);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(data, causeOf(error));
  }
  const names = readdirSync(folder);
  // LevelDB would take a folder without this file for a new one, and delete what is in it.
  if (!names.includes("CURRENT") && names.some((name) => /^MANIFEST-|\.ldb$/.test(name))) {
    throw damaged(data, "the file CURRENT is missing");
  }
  await refuseLocked(data);
  const found = findDamage(folder, names);
  const damage = found === null ? null : { found, copy: keepCopy(folder) };
  await tryToOpen(data);
  return damage;
}

/** Opening fails at once if another process has the lock; only then is the folder read. */
async function refuseLocked(data: string): Promise<void> {
  const level = new ClassicLevel(folderIn(data), { createIfMissing: false, errorIfExists: true });
  try {
    await level.open();
    await level.close();
  } catch (error) {
    if (isLocked(error)) {
      throw new UsageError(
        `${data} is in use by another tagrelay; stop it, or choose another folder with --data`,
      );
    }
  }
}

async function tryToOpen(data: string): Promise<void> {
  const level = new ClassicLevel(folderIn(data));
  try {
    await level.open();
    await level.close();
  } catch (error) {
    const { cause } = error instanceof Error ? error : { cause: undefined };
    const isDamaged = cause instanceof Error && "code" in cause && cause.code === "LEVEL_CORRUPTION";
    throw isDamaged ? damaged(data, cause.message) : unusable(data, causeOf(error));
  }
}

function findDamage(folder: string, names: readonly string[]): string | null {
  const current = names.includes("CURRENT") ? readFileSync(join(folder, "CURRENT"), "utf8").trim() : "";
  for (const name of names.filter((file) => file === current || /^\d+\.log$/.test(file)).sort()) {
    const { records, damagedAt } = readLogRecords(readFileSync(join(folder, name)));
    if (damagedAt !== null) return `${name} is damaged at byte ${damagedAt}`;
    const wrong = name === current ? findWrongFile(folder, readLiveFiles(records)) : null;
    if (wrong !== null) return wrong;
  }
  return null;
}

/** LevelDB itself refuses a folder in which a table is missing. */
function findWrongFile(folder: string, { log, tables }: LiveFiles): string | null {
  const nameOf = (number: number) => String(number).padStart(6, "0");
  if (!existsSync(join(folder, `${nameOf(log)}.log`))) return `${nameOf(log)}.log is missing`;
  for (const [table, bytes] of tables) {
    const file = join(folder, `${nameOf(table)}.ldb`);
    const found = existsSync(file) ? statSync(file).size : null;
    if (found !== null && found !== bytes) return `${basename(file)} has ${found} of ${bytes} bytes`;
  }
  return null;
}

function keepCopy(folder: string): string {
  const copy = `${folder}.damaged`;
  if (existsSync(copy)) rmSync(copy, { recursive: true });
  cpSync(folder, copy, { recursive: true });
  return copy;
}

function damaged(data: string, found: string): UsageError {
  return new UsageError(
    `expected the state in ${data} to be whole, found that it is damaged (${found}); nothing was changed: move ${folderIn(data)} away, and restore a backup with tagrelay restore, or start anew`,
  );
}

function unusable(data: string, found: string): UsageError {
  return new UsageError(
    `expected a folder for the state at ${data}, found one that cannot be used (${found})`,
  );
}
