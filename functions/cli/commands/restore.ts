// `tagrelay restore FILE`: restores a backup to a data folder or to a table.
import { readBackup } from "../../local/backup/backup-file.ts";
import { restoreFolder } from "../../local/backup/restore-folder.ts";
import { exitCodes } from "../cli-error.ts";
import { type Io, print } from "../io.ts";
import { openNamedTable, type PlaceOptions } from "../named-table.ts";
import { countItems } from "./backup.ts";

const maxNamed = 10;

export async function restore(io: Io, file: string, options: PlaceOptions) {
  const backup = await readBackup(io.resolvePath(file));
  const table = await openNamedTable(options);
  if (table === null) {
    await restoreFolder(io.resolvePath(options.data), backup);
    print(io, `${countItems(backup.items.length)} of ${backup.at} restored to ${options.data}`);
    return exitCodes.success;
  }
  const { written, same, others } = await table.use(({ putItems }) => putItems(backup.items));
  print(
    io,
    `${countItems(written)} of ${backup.at} restored to the table ${options.table}`,
    ...(same === 0 ? [] : [`${countItems(same)} were there already`]),
  );
  if (others.length === 0) return exitCodes.success;
  const named = others.slice(0, maxNamed).join(", ");
  io.stderr.write(
    `tagrelay: ${countItems(others.length)} ${others.length === 1 ? "was" : "were"} left as they are, because the table has others with their keys: ${named}${others.length > maxNamed ? ", …" : ""}\n`,
  );
  return exitCodes.failure;
}
