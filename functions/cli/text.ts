// Formats text for the terminal: tables, styles, relative times.
import { stripVTControlCharacters, styleText } from "node:util";
import { formatDuration } from "../../shared/pipeline/duration.ts";

/** Text from outside must not move the cursor or break the line. */
export function toSingleLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

/** Aligns columns, two spaces apart. */
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
export function formatRelative(instant: string, now: number): string {
  const ms = Date.parse(instant) - now;
  const distanceMs = Math.abs(ms);
  const distance =
    distanceMs < 2 * dayMs ? formatDuration(distanceMs) : `${Math.round(distanceMs / dayMs)} days`;
  return ms > 0 ? `in ${distance}` : `${distance} ago`;
}
