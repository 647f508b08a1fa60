// Draws the frames of a terminal as an SVG that CSS animates. Each line is drawn once for the time that it stands there.
import type { Frame, Line } from "./screen.ts";

const size = { font: 13, cell: 7.83, line: 18, padding: 14 };

/** How long the last frame stays. */
const endMs = 4000;

export function toSvg(frames: readonly Frame[], columns: number, description: string): string {
  const rows = Math.max(...frames.map(({ lines }) => lines.findLastIndex((line) => line.length > 0) + 1));
  const totalMs = (frames.at(-1)?.at ?? 0) + endMs;
  const width = Math.ceil(columns * size.cell + 2 * size.padding);
  const height = rows * size.line + 2 * size.padding;
  const spans = Array.from({ length: rows }, (_, row) => spansOf(frames, row)).flat();
  const names = new Map<string, string>();
  const texts = spans.map(({ row, line, from, to }) => {
    const key = `${from} ${to}`;
    const name = names.get(key) ?? `k${names.size}`;
    names.set(key, name);
    const isAlways = from === 0 && to === frames.length;
    const isLast = to === frames.length ? " l" : "";
    return `<text class="${isAlways ? "a" : `${name}${isLast}`}" y="${Math.round(size.padding + (row + 0.75) * size.line)}">${draw(line)}</text>`;
  });
  const percent = (index: number) =>
    index >= frames.length ? 100 : Math.round(((frames[index]?.at ?? 0) / totalMs) * 10_000) / 100;
  const animations = [...names].map(([key, name]) => {
    const [from = 0, to = 0] = key.split(" ").map(Number);
    const start = percent(from);
    const hidden = "{visibility:hidden}";
    const shown = "{visibility:visible}";
    return `@keyframes ${name}{${start > 0 ? `0%${hidden}` : ""}${start}%${shown}${to < frames.length ? `${percent(to)}%${hidden}` : ""}}.${name}{animation-name:${name}}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t">
<title id="t">${escapeXml(description)}</title>
<style>
rect{fill:#fbfbfc;stroke:#d5d8de}text{font:${size.font}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#24292f;white-space:pre}
.c1{fill:#b3261e}.c2{fill:#1a7f37}.c3{fill:#8a5a00}.c4{fill:#0b57d0}.c5{fill:#8250df}.c6{fill:#0a6c75}.c0,.c7,.d{fill:#59636e}.b{font-weight:600}
@media(prefers-color-scheme:dark){rect{fill:#0d1117;stroke:#30363d}text{fill:#e6edf3}.c1{fill:#ff7b72}.c2{fill:#56d364}.c3{fill:#e3b341}.c4{fill:#79c0ff}.c5{fill:#d2a8ff}.c6{fill:#56d4dd}.c0,.c7,.d{fill:#9198a1}}
text{visibility:hidden}text.l,text.a{visibility:visible}
@media(prefers-reduced-motion:no-preference){text{animation:${totalMs}ms step-end infinite}
${animations.join("\n")}}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${texts.join("\n")}
</svg>
`;
}

type Span = { row: number; line: Line; from: number; to: number };

/** From which frame to which a line stands in a row. */
function spansOf(frames: readonly Frame[], row: number): Span[] {
  const spans: Span[] = [];
  let before = "";
  for (const [index, { lines }] of frames.entries()) {
    const line = lines[row] ?? [];
    const text = JSON.stringify(line);
    const last = spans.at(-1);
    if (last !== undefined && text === before && last.to === index) last.to = index + 1;
    else if (line.length > 0) spans.push({ row, line, from: index, to: index + 1 });
    before = text;
  }
  return spans;
}

function draw(line: Line): string {
  let column = 0;
  const runs = line.map(({ text, style }) => {
    const x = Math.round((size.padding + column * size.cell) * 10) / 10;
    column += text.length;
    // A font that lacks a character takes it from another one, of another width.
    return `<tspan x="${x}"${style === "" ? "" : ` class="${style}"`}>${escapeXml(text.trimEnd())}</tspan>`;
  });
  return runs.join("");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
