// Draws a pipeline's graph: a box for each step with its state in colour, icon and words, and what comes after what.
import { html } from "hono/html";
import { formatDuration } from "../../core/duration.ts";
import type { Step } from "../../core/pipeline.ts";
import type { Run, StepRun } from "../../core/run.ts";
import { type Edge, layOutGraph } from "./lay-out-graph.ts";
import type { Html } from "./layout.ts";
import { endOfStep, neverRun, tellStep } from "./tell-state.ts";
import { elapsed } from "./times.ts";
import { count } from "./words.ts";

const characterWidth = 7.6;
const besideName = 46;
const nameAtMost = 24;
const sizes = { boxHeight: 48, layerGap: 40, boxGap: 14, passHeight: 8 };
/** Room for the lines of boxes at the edge. */
const margin = 2;

export function graph(steps: readonly Step[], run: Run | null, now: number): Html {
  const longest = Math.max(...steps.map(({ name }) => Math.min(name.length, nameAtMost)));
  const boxWidth = Math.max(152, Math.ceil(longest * characterWidth + besideName));
  const { width, height, boxes, edges } = layOutGraph(steps, { ...sizes, boxWidth });
  const stepRuns = new Map(run?.steps.map((step) => [step.name, step]));
  const drawn = boxes.map(({ name, x, y }) => {
    const step = stepRuns.get(name);
    const { word, tone, icon } = step === undefined ? neverRun : tellStep(step);
    const took = step === undefined || run === null ? "" : durationOf(step, run, now);
    return html`<g class="box ${tone}" transform="translate(${x} ${y})"><title>${name}</title><rect width="${boxWidth}" height="${sizes.boxHeight}" rx="7"/><use href="#i-${icon}" x="10" y="9" width="14" height="14"/><text x="31" y="20">${shorten(name)}</text><text class="said" x="31" y="37">${word}${took === "" ? "" : ` · ${took}`}</text></g>
`;
  });
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Graph"><svg class="graph" role="img" aria-label="${describe(steps)}" width="${width + 2 * margin}" height="${height + 2 * margin}" viewBox="${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0l8 4-8 4z"/></marker></defs>
<g class="edges" fill="none">${edges.map((edge) => html`<path d="${pathOf(edge)}" marker-end="url(#arrow)"/>`)}</g>
${drawn}</svg></div>`;
}

/** How long a step took, or has taken so far. */
export function durationOf(step: StepRun, run: Run, now: number): string {
  const end = endOfStep(step, run, now);
  if (end === null || step.triggeredAt === null) return "";
  const isOver = step.state === "done" || step.state === "failed";
  return isOver ? formatDuration(end - step.triggeredAt) : elapsed(step.triggeredAt, end);
}

/** The tag at its end tells more than the middle. */
function shorten(name: string): string {
  if (name.length <= nameAtMost) return name;
  return `${name.slice(0, 9)}…${name.slice(-(nameAtMost - 10))}`;
}

function pathOf({ points }: Edge): string {
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
  return `${count(steps.length, "step")}, ${count(steps.flatMap(({ after }) => after).length, "edge")}; the table of steps tells the same`;
}
