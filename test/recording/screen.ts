// A terminal's screen at an instant, as lines of runs of the same style.
import type { Terminal } from "@xterm/headless";

export type Run = { text: string; style: string };
export type Line = Run[];
/** `at` is in milliseconds since the start. */
export type Frame = { at: number; lines: Line[] };

export function readScreen({ buffer: { active }, rows }: Terminal): Line[] {
  return Array.from({ length: rows }, (_, row) => readLine(active, active.baseY + row));
}

function readLine(buffer: Terminal["buffer"]["active"], row: number): Line {
  const line = buffer.getLine(row);
  const runs: Line = [];
  for (let column = 0; column < (line?.translateToString(true).length ?? 0); column += 1) {
    const cell = line?.getCell(column);
    if (cell === undefined) break;
    const style = [
      cell.isFgPalette() ? `c${cell.getFgColor() % 8}` : "",
      cell.isBold() ? "b" : "",
      cell.isDim() ? "d" : "",
    ]
      .filter((name) => name !== "")
      .join(" ");
    const text = cell.getChars() || " ";
    const last = runs.at(-1);
    // A space looks the same in any style.
    if (last !== undefined && (last.style === style || text === " ")) last.text += text;
    else runs.push({ text, style });
  }
  return runs;
}
