// Reads from LevelDB's manifest which tables count, and how long they are. Others are left from a kill.

/** Each record of the manifest adds and removes tables. */
export function liveTables(records: readonly Buffer[]): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const record of records) readEdit(record, sizes);
  return sizes;
}

const fields = { comparator: 1, compactPointer: 5, deletedFile: 6, newFile: 7 } as const;

function readEdit(record: Buffer, sizes: Map<number, number>): void {
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
    else if (field === fields.compactPointer) {
      number();
      skipText();
    } else if (field === fields.deletedFile) {
      number();
      sizes.delete(number());
    } else if (field === fields.newFile) {
      number();
      const table = number();
      sizes.set(table, number());
      skipText();
      skipText();
    } else number();
  }
}
