// GET /: all pipelines, each with its status, its progress, its last run and its next start.
import { html } from "hono/html";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import type { PipelineState, Run } from "../../run/state.ts";
import { describeCause, pluralize } from "./describe.ts";
import { runDuration } from "./durations.ts";
import type { Html, Page } from "./layout.ts";
import { nextStartOf } from "./next-start.ts";
import { describeProgress, pipelineStatus, progressOf, runStatus, stepStatus } from "./status.ts";
import { statusLine } from "./status-line.ts";
import { elapsed } from "./times.ts";

export type PipelineEntry = { pipeline: Pipeline; state: PipelineState };

export function pipelinesPage(entries: readonly PipelineEntry[], now: number): Page {
  const byWord = Map.groupBy(entries, ({ pipeline, state }) => pipelineStatus(pipeline, state).word);
  const summary = [...byWord].map(([word, { length }]) => `${length} ${word}`).join(", ");
  return {
    title: `${summary} · Tagrelay`,
    summary,
    live: entries.some(({ state: { run } }) => run?.status === "running") ? "active" : "idle",
    content: html`<div class="top"><h1>Pipelines</h1><p class="note">${summary}</p></div>
<ul class="rows">
${entries.map((entry) => row(entry, now))}</ul>`,
  };
}

function row({ pipeline, state }: PipelineEntry, now: number): Html {
  const { name } = pipeline;
  return html`<li id="p-${name}" class="row">
<div class="who"><h2><a href="/pipelines/${name}">${name}</a></h2><p>${statusLine(pipeline, state, "", now)}</p></div>
<dl><div class="wide"><dt>Progress</dt><dd>${progress(pipeline, state.run, now)}</dd></div>
<div><dt>Last run</dt><dd>${lastRun(state.run, now)}</dd></div>
<div><dt>Next start</dt><dd>${nextStartOf(pipeline, state, now)}</dd></div></dl>
</li>
`;
}

function progress({ steps }: Pipeline, run: Run | null, now: number): Html {
  if (run === null) return html`${pluralize(steps.length, "step")}`;
  return html`${strip(run)}${describeProgress(run)}${currentStep(run, now)}`;
}

function currentStep(run: Run, now: number): Html {
  const [first, ...others] = progressOf(run).underWay;
  if (first === undefined) return html``;
  const duration = first.triggeredAt === null ? "" : ` for ${elapsed(first.triggeredAt, now)}`;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return html`, <span class="name">${first.name}</span> ${stepStatus(first).word}${duration}${more}`;
}

/** A box per step in its colour; the words next to it say the same. */
function strip({ steps }: Run): Html {
  const share = 100 / steps.length;
  const boxes = steps.map(
    (stepRun, index) =>
      html`<rect class="${stepStatus(stepRun).tone}" x="${round(index * share)}%" width="${round(share * 0.94)}%" height="8"/>`,
  );
  return html`<svg class="strip" width="100%" height="8" aria-hidden="true">${boxes}</svg>`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

function lastRun(run: Run | null, now: number): Html {
  if (run === null) return html`none yet`;
  const preposition = run.status === "running" ? "for" : "in";
  return html`<a href="/runs/${run.id}">${runStatus(run).word} ${preposition} ${runDuration(run, now)}</a>, started ${describeCause(run)}`;
}
