// Draws a badge in the usual flat style: 20 pixels high, the label on the left, the message on the right.
import { html } from "hono/html";
import type { Badge, Color } from "./badge.ts";

const colors: Record<Color, string> = {
  brightgreen: "#4c1",
  blue: "#007ec6",
  red: "#e05d44",
  yellow: "#dfb317",
  lightgrey: "#9f9f9f",
};

const padding = 10;

export function drawBadge({ label, message, color }: Badge) {
  const left = widthOf(label) + padding;
  const right = widthOf(message) + padding;
  const width = left + right;
  const title = `${label}: ${message}`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${title}">
<title>${title}</title>
<linearGradient id="s" x2="0" y2="100%"><stop offset="0" stop-color="#bbb" stop-opacity=".1"/><stop offset="1" stop-opacity=".1"/></linearGradient>
<clipPath id="r"><rect width="${width}" height="20" rx="3" fill="#fff"/></clipPath>
<g clip-path="url(#r)">
<rect width="${left}" height="20" fill="#555"/>
<rect x="${left}" width="${right}" height="20" fill="${colors[color]}"/>
<rect width="${width}" height="20" fill="url(#s)"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">
${text(label, left / 2)}
${text(message, left + right / 2)}
</g>
</svg>`;
}

/** The words, above their shadow. */
function text(words: string, middle: number) {
  const place = html`x="${middle}" textLength="${widthOf(words)}"`;
  return html`<text ${place} y="15" fill="#010101" fill-opacity=".3" aria-hidden="true">${words}</text><text ${place} y="14">${words}</text>`;
}

/** Widths in Verdana at 11 pixels. In any other font, `textLength` stretches the text to the same width. */
const widths: readonly [RegExp, number][] = [
  [/[ijl'|!]/, 3.2],
  [/[ .,:;ftrI()/[\]-]/, 4.4],
  [/[mwMW%@]/, 10.4],
  [/[A-Z_]/, 7.9],
];
const usualWidth = 6.8;

function widthOf(text: string): number {
  const sum = [...text].reduce(
    (total, character) => total + (widths.find(([pattern]) => pattern.test(character))?.[1] ?? usualWidth),
    0,
  );
  return Math.round(sum);
}
