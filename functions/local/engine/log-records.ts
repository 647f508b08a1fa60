// Reads the records of a file in LevelDB's log format, to find damage that LevelDB itself would skip without a word.

const blockBytes = 32_768;
const headerBytes = 7;

export type LogRecords = { records: Buffer[]; damagedAt: number | null };

/**
 * LevelDB leaves out what is damaged, and goes on. The end of a file may be missing after a power cut, in what was not
 * answered yet.
 */
export function readLogRecords(file: Buffer): LogRecords {
  const records: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let offset = 0; offset + headerBytes <= file.length; ) {
    const left = blockBytes - (offset % blockBytes);
    if (left < headerBytes) {
      offset += left;
      continue;
    }
    const end = offset + headerBytes + file.readUInt16LE(offset + 4);
    if (end - offset > left) return { records, damagedAt: offset };
    if (end > file.length) break;
    const stored = unmask(file.readUInt32LE(offset));
    if (stored !== crc32c(file.subarray(offset + 6, end))) return { records, damagedAt: offset };
    const type = file[offset + 6];
    parts.push(file.subarray(offset + headerBytes, end));
    if (type === types.full || type === types.last) {
      records.push(Buffer.concat(parts));
      parts = [];
    }
    offset = end;
  }
  return { records, damagedAt: null };
}

/** A record that crosses the end of a block has several parts. */
const types = { full: 1, last: 4 } as const;

/** LevelDB stores checksums changed, since the checksum of data that has checksums in it says little. */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/** Castagnoli's polynomial, which Node's own checksum is not. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
