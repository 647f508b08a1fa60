// Reads a command's output from a position on, while the command still writes it. A position is a number of bytes since the
// start, so that it stays valid when pieces in between are deleted, and when the program starts again.
import { open, stat } from "node:fs/promises";
import { type Base, codeOf } from "./command-files.ts";
import { keptPieces, piecePath } from "./output-log.ts";

export type OutputPart = {
  /** How many bytes before these are not kept any more. */
  omittedBytes: number;
  bytes: Buffer;
  /** The position after the bytes. */
  offset: number;
};

export async function readOutputPart(
  base: Base,
  pieceBytes: number,
  from: number,
  maxBytes: number,
): Promise<OutputPart> {
  const chunks: Buffer[] = [];
  let omittedBytes = 0;
  let size = 0;
  let offset = from;
  while (size < maxBytes) {
    const piece = Math.floor(offset / pieceBytes);
    const within = offset % pieceBytes;
    const chunk = await readPiece(base, piece, within, Math.min(maxBytes - size, pieceBytes - within));
    if (chunk === null) {
      const next = (await keptPieces(base)).filter((kept) => kept > piece);
      // Bytes on both sides of a gap must not be joined.
      if (next.length === 0 || size > 0) break;
      omittedBytes += Math.min(...next) * pieceBytes - offset;
      offset = Math.min(...next) * pieceBytes;
    } else if (chunk.length === 0) {
      break;
    } else {
      chunks.push(chunk);
      size += chunk.length;
      offset += chunk.length;
    }
  }
  return { omittedBytes, bytes: Buffer.concat(chunks), offset };
}

/** How many bytes the command has written so far. */
export async function outputSize(base: Base, pieceBytes: number): Promise<number> {
  const last = Math.max(-1, ...(await keptPieces(base)));
  if (last === -1) return 0;
  const written = await stat(piecePath(base, last)).catch(() => null);
  return last * pieceBytes + (written?.size ?? 0);
}

/** Null if there is no such piece: it is deleted, or not begun. */
async function readPiece(base: Base, piece: number, from: number, maxBytes: number): Promise<Buffer | null> {
  try {
    await using file = await open(piecePath(base, piece), "r");
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, from);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** How many of the bytes are whole characters: the rest of the last one may not be written yet. */
export function wholeCharacters(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length += 1) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > length ? bytes.length - length : bytes.length;
  }
  return bytes.length;
}

/** How many bytes at the start are the rest of a character. */
export function restOfCharacter(bytes: Buffer): number {
  let length = 0;
  while (length < Math.min(3, bytes.length) && ((bytes[length] ?? 0) & 0xc0) === 0x80) length += 1;
  return length;
}
