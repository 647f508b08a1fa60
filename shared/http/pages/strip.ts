// The steps of a run as a strip of boxes in their colours. The words next to it say the same.
import { html } from "hono/html";
import type { Run } from "../../run/state.ts";
import type { Html } from "./layout.ts";
import { stepStatus, type Tone } from "./status.ts";

/** More boxes would be too narrow to be told apart. */
const maxBoxes = 40;
const tones: Tone[] = ["good", "bad", "soon", "busy", "calm"];

/** One path for each colour, because a page may have fifty strips. */
export function strip({ steps }: Run): Html {
  const all = steps.map((stepRun) => stepStatus(stepRun).tone);
  const isMany = all.length > maxBoxes;
  // Many steps are shares of the strip, each colour in one piece.
  const sorted = isMany ? all.toSorted((a, b) => tones.indexOf(a) - tones.indexOf(b)) : all;
  const pathOf = (tone: Tone) =>
    sorted.map((other, index) => (other === tone ? `M${index * 10} 4h${isMany ? 10 : 9}` : "")).join("");
  const merged = (path: string) => (isMany ? mergeBoxes(path) : path);
  const paths = tones.map((tone) => {
    const path = merged(pathOf(tone));
    return path === "" ? "" : html`<path class="${tone}" d="${path}"/>`;
  });
  return html`<svg class="strip" viewBox="0 0 ${all.length * 10} 8" preserveAspectRatio="none" aria-hidden="true">${paths}</svg>`;
}

/** `M0 4h10M10 4h10` is `M0 4h20`. */
function mergeBoxes(path: string): string {
  const boxes = path.split("M").length - 1;
  return boxes === 0 ? "" : `${/^M\d+ 4/.exec(path)?.[0] ?? ""}h${boxes * 10}`;
}
