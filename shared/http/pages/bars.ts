// Draws when the steps of runs were built, as bars on a scale of time: geometry in percent, so that it fits any width.
import { html } from "hono/html";
import { formatDuration } from "../../core/duration.ts";
import type { Run, StepRun } from "../../core/run.ts";
import type { Html } from "./layout.ts";
import { endOfRun, endOfStep, tellStep } from "./tell-state.ts";

export type Bar = { step: StepRun; index: number; from: number; to: number; lane: number };

/** Bars that do not meet share a lane: a chain is one line, a stage of two is two. */
export function barsOf(run: Run, now: number): Bar[] {
  const lanes: number[] = [];
  const found = run.steps.flatMap((step, index) => {
    const end = endOfStep(step, run, now);
    return step.triggeredAt === null || end === null
      ? []
      : { step, index, from: step.triggeredAt - run.startedAt, to: end - run.startedAt };
  });
  return found
    .toSorted((a, b) => a.from - b.from)
    .map((bar) => {
      const free = lanes.findIndex((until) => until <= bar.from);
      const lane = free === -1 ? lanes.length : free;
      lanes[lane] = bar.to;
      return { ...bar, lane };
    });
}

/**
 * What the whole width stands for: the longest run, unless one that was retried days later would make all others
 * invisible. What is longer is cut at the edge.
 */
export function scaleOf(runs: readonly Run[], now: number): number {
  const durations = runs.map((run) => endOfRun(run, now) - run.startedAt).toSorted((a, b) => a - b);
  const usual = durations[Math.floor(durations.length / 2)] ?? 0;
  return Math.max(1, durations.findLast((duration) => duration <= 4 * usual) ?? durations.at(-1) ?? 0);
}

/** A run on one line, or as many as are built side by side: thin ones where those are many. */
export function runBars(run: Run, scaleMs: number, now: number): Html {
  const bars = barsOf(run, now);
  const lanes = Math.max(1, ...bars.map(({ lane }) => lane + 1));
  const height = lanes <= 2 ? 12 : 6;
  const pitch = height + (lanes <= 2 ? 2 : 1);
  const drawn = bars.map((bar) => rect(bar, bar.lane * pitch, height, scaleMs));
  return html`<svg class="bars" width="100%" height="${(lanes - 1) * pitch + height}" aria-hidden="true">${drawn}</svg>`;
}

/** A step of a run, on the run's own scale. */
export function stepBar(run: Run, step: StepRun, now: number): Html {
  const bar = barsOf(run, now).find((one) => one.step.name === step.name);
  const scaleMs = Math.max(1, endOfRun(run, now) - run.startedAt);
  return html`<svg class="bars" width="100%" height="8" aria-hidden="true">${bar === undefined ? "" : rect({ ...bar, index: 0 }, 0, 8, scaleMs)}</svg>`;
}

function rect({ step, index, from, to }: Bar, y: number, height: number, scaleMs: number): Html {
  // Every other step in a second shade, so that bars that touch are told apart.
  const shade = index % 2 === 0 ? "" : " odd";
  const top = y === 0 ? "" : html` y="${y}"`;
  const width = Math.max(0.3, percent(to - from, scaleMs));
  return html`<rect class="${tellStep(step).tone}${shade}" x="${percent(from, scaleMs)}%"${top} width="${width}%" height="${height}"><title>${step.name} ${formatDuration(to - from)}</title></rect>`;
}

function percent(ms: number, scaleMs: number): number {
  return Math.round((1000 * ms) / scaleMs) / 10;
}
