// Draws when the steps of runs were built, as bars on a time scale. Positions are percentages, so that they fit any width.
import { html } from "hono/html";
import { formatDuration } from "../../pipeline/duration.ts";
import type { Run, StepRun } from "../../run/state.ts";
import { endOfRun, endOfStep } from "./durations.ts";
import type { Html } from "./layout.ts";
import { stepStatus } from "./status.ts";

export type Bar = { stepRun: StepRun; index: number; from: number; to: number; lane: number };

/** Bars that do not overlap share a lane. */
export function barsOf(run: Run, now: number): Bar[] {
  const laneEnds: number[] = [];
  const bars = run.steps.flatMap((stepRun, index) => {
    const end = endOfStep(stepRun, run, now);
    return stepRun.triggeredAt === null || end === null
      ? []
      : { stepRun, index, from: stepRun.triggeredAt - run.startedAt, to: end - run.startedAt };
  });
  return bars
    .toSorted((a, b) => a.from - b.from)
    .map((bar) => {
      const free = laneEnds.findIndex((end) => end <= bar.from);
      const lane = free === -1 ? laneEnds.length : free;
      laneEnds[lane] = bar.to;
      return { ...bar, lane };
    });
}

export function lanesOf(bars: readonly Bar[]): number {
  return Math.max(1, ...bars.map(({ lane }) => lane + 1));
}

/** How many times the usual duration fit on the scale. Longer runs are cut at its edge. */
const maxTimesUsual = 4;

/** The longest run, unless it would make all others invisible, such as one that was retried days later. */
export function scaleOf(runs: readonly Run[], now: number): number {
  const durations = runs.map((run) => endOfRun(run, now) - run.startedAt).toSorted((a, b) => a - b);
  const usual = durations[Math.floor(durations.length / 2)] ?? 0;
  const longest = durations.findLast((duration) => duration <= maxTimesUsual * usual);
  return Math.max(1, longest ?? durations.at(-1) ?? 0);
}

/** More bars are drawn as one path for each colour, without the names of their steps, so that a page stays small. */
const maxNamedBars = 40;

/** The bars of a run, in as many lanes as it had parallel steps. Three or more lanes are thin. */
export function runBars(run: Run, scaleMs: number, now: number, minLanes: number): Html {
  const bars = barsOf(run, now);
  const lanes = Math.max(minLanes, lanesOf(bars));
  if (bars.length > maxNamedBars) return manyBars(bars, lanes, scaleMs);
  const height = lanes <= 2 ? 12 : 6;
  const pitch = height + (lanes <= 2 ? 2 : 1);
  return drawing(
    (lanes - 1) * pitch + height,
    bars.map((bar) => rect(bar, bar.lane * pitch, height, scaleMs)),
  );
}

function manyBars(bars: readonly Bar[], lanes: number, scaleMs: number): Html {
  const height = lanes <= 12 ? 6 : 2;
  const toneOf = ({ stepRun, index }: Bar) => `${stepStatus(stepRun).tone}${index % 2 === 0 ? "" : " odd"}`;
  const paths = [...Map.groupBy(bars, toneOf)].map(([tone, all]) => {
    const pieces = all.map(({ from, to, lane }) => {
      const x = Math.round((1_000 * from) / scaleMs);
      return `M${x} ${lane * height + height / 2}h${Math.max(2, Math.round((1_000 * to) / scaleMs) - x)}`;
    });
    return html`<path class="${tone}" stroke-width="${height}" d="${pieces.join("")}"/>`;
  });
  return html`<svg class="bars" width="100%" height="${lanes * height}" viewBox="0 0 1000 ${lanes * height}" preserveAspectRatio="none" aria-hidden="true">${paths}</svg>`;
}

/** The bar of one step, on the scale of its run. */
export function stepBar(run: Run, stepRun: StepRun, now: number): Html {
  const height = 8;
  const scaleMs = Math.max(1, endOfRun(run, now) - run.startedAt);
  const bars = barsOf(run, now).filter((bar) => bar.stepRun.name === stepRun.name);
  return drawing(
    height,
    bars.map((bar) => rect({ ...bar, index: 0 }, 0, height, scaleMs)),
  );
}

function drawing(height: number, rects: readonly Html[]): Html {
  return html`<svg class="bars" width="100%" height="${height}" aria-hidden="true">${rects}</svg>`;
}

function rect({ stepRun, index, from, to }: Bar, y: number, height: number, scaleMs: number): Html {
  // Two shades take turns, so that adjacent bars can be told apart.
  const shade = index % 2 === 0 ? "" : " odd";
  const top = y === 0 ? "" : html` y="${y}"`;
  const x = percent(from, scaleMs);
  const width = Math.max(0.3, percent(to - from, scaleMs));
  const title = `${stepRun.name} ${formatDuration(to - from)}`;
  return html`<rect class="${stepStatus(stepRun).tone}${shade}" x="${x}%"${top} width="${width}%" height="${height}"><title>${title}</title></rect>`;
}

function percent(ms: number, scaleMs: number): number {
  return Math.round((1000 * ms) / scaleMs) / 10;
}
