// Draws a badge in the look that people know: flat, twenty pixels high, what it is about on the left, its state on the
// right.
import { html } from "hono/html";
import type { Badge, Color } from "./tell-badge.ts";

const colors: Record<Color, string> = {
  brightgreen: "#4c1",
  blue: "#007ec6",
  red: "#e05d44",
  yellow: "#dfb317",
  lightgrey: "#9f9f9f",
};

const besideText = 10;

export function drawBadge({ label, message, color }: Badge) {
  const left = widthOf(label) + besideText;
  const right = widthOf(message) + besideText;
  const width = left + right;
  const text = (words: string, middle: number) => {
    const place = html`x="${middle}" textLength="${widthOf(words)}"`;
    return html`<text ${place} y="15" fill="#010101" fill-opacity=".3" aria-hidden="true">${words}</text><text ${place} y="14">${words}</text>`;
  };
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${label}: ${message}"><title>${label}: ${message}</title><linearGradient id="s" x2="0" y2="100%"><stop offset="0" stop-color="#bbb" stop-opacity=".1"/><stop offset="1" stop-opacity=".1"/></linearGradient><clipPath id="r"><rect width="${width}" height="20" rx="3" fill="#fff"/></clipPath><g clip-path="url(#r)"><rect width="${left}" height="20" fill="#555"/><rect x="${left}" width="${right}" height="20" fill="${colors[color]}"/><rect width="${width}" height="20" fill="url(#s)"/></g><g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">${text(label, left / 2)}${text(message, left + right / 2)}</g></svg>`;
}

/** Widths in Verdana at 11 pixels, whichever font is there: the text is stretched to what is drawn for it. */
const widths: readonly [RegExp, number][] = [
  [/[ijl'|!]/, 3.2],
  [/[ .,:;ftrI()/[\]-]/, 4.4],
  [/[mwMW%@]/, 10.4],
  [/[A-Z_]/, 7.9],
];

function widthOf(text: string): number {
  const sum = [...text].reduce(
    (all, character) => all + (widths.find(([pattern]) => pattern.test(character))?.[1] ?? 6.8),
    0,
  );
  return Math.round(sum);
}
