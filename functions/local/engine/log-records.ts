// Reads the records of a file in LevelDB's log format, to find damage that LevelDB itself would skip without a word.

const blockBytes = 32_768;
const headerBytes = 7;

/**
 * Null if every record has its checksum. LevelDB leaves out what is damaged, and goes on. The end of the file may be
 * missing after a power cut, in what was not answered yet.
 */
export function findDamagedRecord(file: Buffer): number | null {
  for (let offset = 0; offset + headerBytes <= file.length; ) {
    const left = blockBytes - (offset % blockBytes);
    if (left < headerBytes) {
      offset += left;
      continue;
    }
    const length = file.readUInt16LE(offset + 4);
    const type = file[offset + 6];
    // The rest of a file whose space was reserved, but never written.
    if (type === 0 && length === 0) return file.subarray(offset).every((byte) => byte === 0) ? null : offset;
    const end = offset + headerBytes + length;
    if (headerBytes + length > left) return offset;
    if (end > file.length) return null;
    if (unmask(file.readUInt32LE(offset)) !== crc32c(file.subarray(offset + 6, end))) return offset;
    offset = end;
  }
  return null;
}

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
