// Keeps the start and the end of a command's output, however long it is: files of a fixed size, of which the first and
// the last two remain.
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type Base, codeOf, namesIn } from "./command-files.ts";

export type OutputLog = { write: (chunk: Buffer) => void; close: () => void };

export const piecePath = (base: Base, piece: number) =>
  piece === 0 ? `${base}.log` : `${base}.log.${piece}`;

/** Output that cannot be written, as on a full disk, is dropped: the command must not wait. */
export function createOutputLog(base: Base, pieceBytes: number): OutputLog {
  let piece = 0;
  let written = 0;
  let file = openSync(piecePath(base, piece), "w", 0o600);
  const startPiece = () => {
    const opened = openSync(piecePath(base, piece + 1), "w", 0o600);
    closeSync(file);
    file = opened;
    piece += 1;
    written = 0;
    if (piece > 2) rmSync(piecePath(base, piece - 2), { force: true });
  };
  const write = (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      if (written === pieceBytes) startPiece();
      const room = Math.min(chunk.length - at, pieceBytes - written);
      const bytes = writeSync(file, chunk, at, room, written);
      written += bytes;
      at += bytes;
    }
  };
  return {
    write: (chunk) => {
      try {
        write(chunk);
      } catch {}
    },
    close: () => closeSync(file),
  };
}

/** The output, with a line in place of what was dropped; null if there is none. */
export async function readOutput(base: Base, pieceBytes: number): Promise<string | null> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await read(base, pieceBytes);
    } catch (error) {
      // A piece may be deleted while this reads.
      if (codeOf(error) !== "ENOENT" || tries === 20) throw error;
    }
  }
}

async function read(base: Base, pieceBytes: number): Promise<string | null> {
  const pieces = await keptPieces(base);
  if (!pieces.includes(0)) return null;
  const head = await readFile(piecePath(base, 0));
  const last = Math.max(...pieces);
  if (last === 0) return head.toString();
  const end = await readFile(piecePath(base, last));
  const beforeEnd = last > 1 ? await readFile(piecePath(base, last - 1)) : Buffer.alloc(0);
  const tail = Buffer.concat([beforeEnd, end]).subarray(-pieceBytes);
  const leftOut = (last - 1) * pieceBytes + end.length - tail.length;
  if (leftOut === 0) return Buffer.concat([head, tail]).toString();
  // A cut may split a character.
  const first = head.toString().replace(/\uFFFD$/, "");
  return `${first}\n[… ${leftOut} bytes omitted …]\n${tail.toString().replace(/^\uFFFD+/, "")}`;
}

/** The numbers of the pieces that are there. */
export async function keptPieces(base: Base): Promise<number[]> {
  const first = basename(piecePath(base, 0));
  return (await namesIn(dirname(base))).flatMap((name) => {
    if (name === first) return 0;
    const number = name.startsWith(`${first}.`) ? Number(name.slice(first.length + 1)) : Number.NaN;
    return Number.isInteger(number) ? number : [];
  });
}

/** The last line that is not empty, at most 200 characters. */
export function lastLineOf(output: string): string | null {
  const lines = stripVTControlCharacters(output).split(/[\r\n\u2028\u2029]+/);
  const last = lines.findLast((line) => line.trim() !== "")?.trim() ?? null;
  if (last === null) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this removes
  const clean = last.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}
