// Draws the graph of a pipeline: a box for each step with its status, and an arrow for each dependency.
import { html } from "hono/html";
import type { Step } from "../../pipeline/pipeline.ts";
import { findStepRun, type Run } from "../../run/state.ts";
import { pluralize } from "./describe.ts";
import { stepDuration } from "./durations.ts";
import { type Box, type Edge, layOutGraph } from "./lay-out-graph.ts";
import type { Html } from "./layout.ts";
import { scrollArea } from "./scroll-area.ts";
import { neverRun, stepStatus } from "./status.ts";

const characterWidth = 7.6;
/** The icon and the padding. */
const spaceBesideName = 46;
const minBoxWidth = 152;
const maxNameLength = 24;
const sizes = { boxHeight: 48, layerGap: 40, boxGap: 14, passHeight: 8 };
/** Room for the outlines of boxes at the edge. */
const margin = 2;

export function graph(steps: readonly Step[], run: Run | null, now: number): Html {
  const longestName = Math.max(...steps.map(({ name }) => Math.min(name.length, maxNameLength)));
  const boxWidth = Math.max(minBoxWidth, Math.ceil(longestName * characterWidth + spaceBesideName));
  const { width, height, boxes, edges } = layOutGraph(steps, { ...sizes, boxWidth });
  const [fullWidth, fullHeight] = [width + 2 * margin, height + 2 * margin];
  return scrollArea(
    "Graph",
    html`<svg class="graph" role="img" aria-label="${describe(steps)}" width="${fullWidth}" height="${fullHeight}" viewBox="${-margin} ${-margin} ${fullWidth} ${fullHeight}">${arrowHead}
<g class="edges" fill="none">${edges.map(drawEdge)}</g>
${boxes.map((box) => drawBox(box, boxWidth, run, now))}</svg>`,
  );
}

const arrowHead = html`<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0l8 4-8 4z"/></marker></defs>`;

function drawBox({ name, x, y }: Box, width: number, run: Run | null, now: number): Html {
  const stepRun = findStepRun(run, name);
  const { word, tone, icon } = stepRun === undefined ? neverRun : stepStatus(stepRun);
  const duration = stepRun === undefined || run === null ? "" : stepDuration(stepRun, run, now);
  return html`<g class="box ${tone}" transform="translate(${x} ${y})"><title>${name}</title>
<rect width="${width}" height="${sizes.boxHeight}" rx="7"/>
<use href="#i-${icon}" x="10" y="9" width="14" height="14"/>
<text x="31" y="20">${shorten(name)}</text>
<text class="status" x="31" y="37">${word}${duration === "" ? "" : ` · ${duration}`}</text></g>
`;
}

/** Keeps the beginning and the end: the tag at the end matters more than the middle. */
function shorten(name: string): string {
  if (name.length <= maxNameLength) return name;
  return `${name.slice(0, 9)}…${name.slice(-(maxNameLength - 10))}`;
}

function drawEdge({ points }: Edge): Html {
  return html`<path d="${pathOf(points)}" marker-end="url(#arrow)"/>`;
}

function pathOf(points: Edge["points"]): string {
  const [first, ...rest] = points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
  if (first === undefined) return "";
  let path = `M${first.x} ${first.y}`;
  let { x, y } = first;
  for (const point of rest) {
    const middle = Math.round((x + point.x) / 2);
    path += point.y === y ? `H${point.x}` : `C${middle} ${y} ${middle} ${point.y} ${point.x} ${point.y}`;
    ({ x, y } = point);
  }
  return path;
}

function describe(steps: readonly Step[]): string {
  const edges = steps.flatMap(({ after }) => after).length;
  return `${pluralize(steps.length, "step")}, ${pluralize(edges, "edge")}; the table of steps has the same data`;
}
