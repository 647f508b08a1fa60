// Draws the graph of a pipeline: a box for each step with its status, and an arrow for each dependency.
import { html } from "hono/html";
import type { Step } from "../../pipeline/pipeline.ts";
import { findStepRun, isUnderWay, type Run, type StepRun } from "../../run/state.ts";
import { pluralize } from "./describe.ts";
import { stepDuration } from "./durations.ts";
import { type Box, type Edge, type GraphSizes, layOutGraph } from "./lay-out-graph.ts";
import type { Html } from "./layout.ts";
import { scrollArea } from "./scroll-area.ts";
import { neverRun, stepStatus } from "./status.ts";
import { about } from "./times.ts";
import type { Usual } from "./usual.ts";

const characterWidth = 7.6;
/** The icon and the padding. */
const spaceBesideName = 46;
const maxNameLength = 24;
type Sizes = Omit<GraphSizes, "boxWidth"> & { minBoxWidth: number };
const roomy: Sizes = { minBoxWidth: 178, boxHeight: 48, layerGap: 40, boxGap: 14, passHeight: 8 };
/** One line for each step, in graphs that would otherwise be many screens large, and many kilobytes. */
const dense: Sizes = { minBoxWidth: 96, boxHeight: 24, layerGap: 28, boxGap: 5, passHeight: 4 };
const maxRoomySteps = 40;
/** Room for the outlines of boxes at the edge. */
const margin = 2;

export function graph(steps: readonly Step[], run: Run | null, usual: Usual, now: number): Html {
  const isDense = steps.length > maxRoomySteps;
  const { minBoxWidth, ...sizes } = isDense ? dense : roomy;
  const longestName = Math.max(...steps.map(({ name }) => Math.min(name.length, maxNameLength)));
  const boxWidth = Math.max(minBoxWidth, Math.ceil(longestName * characterWidth + spaceBesideName));
  const { width, height, boxes, edges } = layOutGraph(steps, { ...sizes, boxWidth });
  const [fullWidth, fullHeight] = [width + 2 * margin, height + 2 * margin];
  const isCritical = ({ from, to }: Edge) => usual.path.has(from) && usual.path.has(to);
  // On the critical path, consecutive steps are neighbours; other edges between its steps skip some of them.
  const path = [...usual.path];
  const critical = edges.filter(
    (edge) => isCritical(edge) && path.indexOf(edge.to) - path.indexOf(edge.from) === 1,
  );
  const others = edges.filter((edge) => !critical.includes(edge));
  const draw = isDense ? drawEdges : (all: readonly Edge[]) => html`${all.map(drawEdge)}`;
  return scrollArea(
    "Graph",
    html`<svg class="graph" role="img" aria-label="${describe(steps)}" width="${fullWidth}" height="${fullHeight}" viewBox="${-margin} ${-margin} ${fullWidth} ${fullHeight}">${arrowHead}
<g class="edges" fill="none">${draw(others)}<g class="critical">${draw(critical)}</g></g>
${boxes.map((box) => (isDense ? drawLine(box, boxWidth, run, usual) : drawBox(box, boxWidth, run, usual, now)))}</svg>`,
  );
}

const arrowHead = html`<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" orient="auto"><path d="M0 0l8 4-8 4z"/></marker></defs>`;

function drawBox({ name, x, y }: Box, width: number, run: Run | null, usual: Usual, now: number): Html {
  const stepRun = findStepRun(run, name);
  const { word, tone, icon } = stepRun === undefined ? neverRun : stepStatus(stepRun);
  const duration = run === null || stepRun === undefined ? "" : durationInGraph(stepRun, run, usual, now);
  return html`<g class="box ${tone}${usual.path.has(name) ? " critical" : ""}" transform="translate(${x} ${y})"><title>${name}</title>
<rect width="${width}" height="${roomy.boxHeight}" rx="7"/>
<use href="#i-${icon}" x="10" y="9" width="14" height="14"/>
<text x="31" y="20">${shorten(name)}</text>
<text class="status" x="31" y="37">${word}${duration === "" ? "" : ` · ${duration}`}</text></g>
`;
}

/** `7m 10s of ~9m` while it is built, and `~9m` before that. */
function durationInGraph(stepRun: StepRun, run: Run, { stepMs }: Usual, now: number): string {
  const duration = stepDuration(stepRun, run, now);
  const ms = stepMs.get(stepRun.name);
  const isOpen = stepRun.state === "waiting" || isUnderWay(stepRun);
  if (ms === undefined || !isOpen || run.status !== "running") return duration;
  return duration === "" ? about(ms) : `${duration} of ${about(ms)}`;
}

function drawLine({ name, x, y }: Box, width: number, run: Run | null, { path }: Usual): Html {
  const stepRun = findStepRun(run, name);
  const { tone } = stepRun === undefined ? neverRun : stepStatus(stepRun);
  const short = shorten(name);
  const title = short === name ? "" : html`<title>${name}</title>`;
  const at = `${Math.round(x)} ${Math.round(y)}`;
  return html`<g class="box ${tone}${path.has(name) ? " critical" : ""}" transform="translate(${at})">${title}<rect width="${width}" height="${dense.boxHeight}" rx="4"/><text x="9" y="16">${short}</text></g>
`;
}

function drawEdges(edges: readonly Edge[]): Html {
  const path = edges.map(({ points }) => pathOf(points)).join("");
  return path === "" ? html`` : html`<path d="${path}"/>`;
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
