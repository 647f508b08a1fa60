// What the command line prints: lines, tables, times as people say them.
import { stripVTControlCharacters, styleText } from "node:util";
import { formatDuration } from "../../shared/core/duration.ts";

/** What came from elsewhere must not move the cursor, nor be more than a line. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

export function say(...lines: string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** Columns as wide as what is in them, two spaces apart. */
export function table(rows: readonly (readonly string[])[], indent = ""): string[] {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, index) =>
    Math.max(...rows.map((row) => width(row[index] ?? ""))),
  );
  return rows.map((row) => {
    const cells = row.map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - width(cell)));
    return `${indent}${cells.join("  ")}`.trimEnd();
  });
}

export const dim = (text: string) => styleText("dim", text);
export const bold = (text: string) => styleText("bold", text);

const dayMs = 86_400_000;

/** `2h 07m ago`, `in 3h 10m`, `12 days ago`. */
export function whenWords(instant: string, now: number): string {
  const ms = Date.parse(instant) - now;
  const far = Math.abs(ms);
  const words = far < 2 * dayMs ? formatDuration(far) : `${Math.round(far / dayMs)} days`;
  return ms > 0 ? `in ${words}` : `${words} ago`;
}
