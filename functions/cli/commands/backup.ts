// `tagrelay backup FILE`: saves the state of a data folder or of a table.
import { writeBackup } from "../../local/backup/backup-file.ts";
import { backUpFolder } from "../../local/backup/backup-folder.ts";
import { exitCodes } from "../cli-error.ts";
import { type Io, print } from "../io.ts";
import { openNamedTable, type PlaceOptions } from "../named-table.ts";

export async function backUp(io: Io, file: string, options: PlaceOptions) {
  const path = io.resolvePath(file);
  const at = new Date().toISOString();
  const table = await openNamedTable(options);
  const count =
    table === null
      ? await backUpFolder(io.resolvePath(options.data), path, at)
      : await table.use(async ({ scanItems }) => writeBackup(path, at, scanItems(), null));
  print(io, `${countItems(count)} saved to ${file}; keep it safe, it may hold secrets`);
  if (count === 0) {
    io.stderr.write("tagrelay: there was nothing to save: simulated runs are left out\n");
  }
  return exitCodes.success;
}

export const countItems = (count: number) => `${count} ${count === 1 ? "item" : "items"}`;
