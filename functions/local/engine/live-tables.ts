// Reads from LevelDB's manifest which files count. Others are left from a kill.

export type LiveFiles = {
  /** The first log whose writes are not in a table yet. */
  log: number;
  /** The sizes of the tables, by number. */
  tables: Map<number, number>;
};

/** Each record of the manifest adds and removes tables. */
export function readLiveFiles(records: readonly Buffer[]): LiveFiles {
  const live: LiveFiles = { log: 0, tables: new Map() };
  for (const record of records) readEdit(record, live);
  return live;
}

const fields = { comparator: 1, log: 2, compactPointer: 5, deletedFile: 6, newFile: 7 } as const;

function readEdit(record: Buffer, live: LiveFiles): void {
  let offset = 0;
  const number = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = record[offset] ?? 0;
      offset += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const skipText = () => {
    const length = number();
    offset += length;
  };
  while (offset < record.length) {
    const field = number();
    if (field === fields.comparator) skipText();
    else if (field === fields.log) live.log = number();
    else if (field === fields.compactPointer) {
      number();
      skipText();
    } else if (field === fields.deletedFile) {
      number();
      live.tables.delete(number());
    } else if (field === fields.newFile) {
      number();
      const table = number();
      live.tables.set(table, number());
      skipText();
      skipText();
    } else number();
  }
}
