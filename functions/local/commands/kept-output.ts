// Keeps the beginning and the end of what a command writes, however much that is, in pieces of one size: the first of
// them and the last two.
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type Base, codeOf, namesIn } from "./kept-files.ts";

export type KeptOutput = { write: (chunk: Buffer) => void; close: () => void };

const piecePath = (base: Base, piece: number) => (piece === 0 ? `${base}.log` : `${base}.log.${piece}`);

/** Whatever cannot be written, as on a full disk, is left out: the command does not wait for it. */
export function createKeptOutput(base: Base, pieceBytes: number): KeptOutput {
  let piece = 0;
  let written = 0;
  let file = openSync(piecePath(base, piece), "w", 0o600);
  const next = () => {
    const opened = openSync(piecePath(base, piece + 1), "w", 0o600);
    closeSync(file);
    file = opened;
    piece += 1;
    written = 0;
    if (piece > 2) rmSync(piecePath(base, piece - 2), { force: true });
  };
  const write = (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      if (written === pieceBytes) next();
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

/** The text that is kept, with a line in place of what is not; null where there is none. */
export async function readKeptOutput(base: Base, pieceBytes: number): Promise<string | null> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await read(base, pieceBytes);
    } catch (error) {
      // A piece may go, for a later one, between two looks.
      if (codeOf(error) !== "ENOENT" || tries === 20) throw error;
    }
  }
}

async function read(base: Base, pieceBytes: number): Promise<string | null> {
  const names = await namesIn(dirname(base));
  const start = `${basename(piecePath(base, 0))}.`;
  const later = names
    .filter((name) => name.startsWith(start))
    .map((name) => Number(name.slice(start.length)));
  if (!names.includes(basename(piecePath(base, 0)))) return null;
  const head = await readFile(piecePath(base, 0));
  const last = Math.max(0, ...later);
  if (last === 0) return head.toString();
  const end = await readFile(piecePath(base, last));
  const beforeEnd = last > 1 ? await readFile(piecePath(base, last - 1)) : Buffer.alloc(0);
  const tail = Buffer.concat([beforeEnd, end]).subarray(-pieceBytes);
  const leftOut = (last - 1) * pieceBytes + end.length - tail.length;
  if (leftOut === 0) return Buffer.concat([head, tail]).toString();
  // The cuts may go through a character.
  const first = head.toString().replace(/\uFFFD$/, "");
  return `${first}\n[… ${leftOut} bytes are left out here …]\n${tail.toString().replace(/^\uFFFD+/, "")}`;
}

/** What a command said last, for a line. */
export function lastLineOf(output: string): string | null {
  const lines = stripVTControlCharacters(output).split(/[\r\n\u2028\u2029]+/);
  const last = lines.findLast((line) => line.trim() !== "")?.trim() ?? null;
  if (last === null) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = last.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}
