// GET /: all pipelines, each with its state, its progress, its last run and its next start.
import { html } from "hono/html";
import { formatDuration } from "../../core/duration.ts";
import type { Pipeline } from "../../core/pipeline.ts";
import type { PipelineState, Run } from "../../core/run.ts";
import { nextStart } from "../../core/schedule.ts";
import { state } from "./icons.ts";
import type { Html, Page } from "./layout.ts";
import { progressOf, progressWords, tellPipeline, tellRun, tellStep } from "./tell-state.ts";
import { elapsed, timeAgo, timeUntil } from "./times.ts";
import { causeOf, count } from "./words.ts";

export type PipelineEntry = { pipeline: Pipeline; state: PipelineState };

export function pipelinesPage(entries: readonly PipelineEntry[], now: number): Page {
  const words = new Map<string, number>();
  for (const entry of entries) {
    const { word } = tellPipeline(entry.state);
    words.set(word, (words.get(word) ?? 0) + 1);
  }
  const summary = [...words].map(([word, number]) => `${number} ${word}`).join(", ");
  return {
    title: `${summary} · Tagrelay`,
    summary,
    live: entries.some(({ state: { run } }) => run?.status === "running") ? "active" : "idle",
    content: html`<div class="top"><h1>Pipelines</h1><p class="note">${summary}</p></div>
<ul class="rows">
${entries.map((entry) => row(entry, now))}</ul>`,
  };
}

function row({ pipeline, state: kept }: PipelineEntry, now: number): Html {
  const { name } = pipeline;
  const status = tellPipeline(kept);
  return html`<li id="p-${name}" class="row">
<div class="who"><h2><a href="/pipelines/${name}">${name}</a></h2><p>${state(status)} ${status.at === null ? "" : timeAgo(status.at, now)}</p></div>
<dl><div class="wide"><dt>Progress</dt><dd>${progress(pipeline, kept.run, now)}</dd></div>
<div><dt>Last run</dt><dd>${lastRun(kept.run, now)}</dd></div>
<div><dt>Next start</dt><dd>${nextOf(pipeline, kept, now)}</dd></div></dl>
</li>
`;
}

function progress({ steps }: Pipeline, run: Run | null, now: number): Html {
  if (run === null) return html`${count(steps.length, "step")}`;
  const { underWay } = progressOf(run);
  const [first] = underWay;
  const more = underWay.length > 1 ? ` and ${underWay.length - 1} more` : "";
  const since = first?.triggeredAt == null ? "" : ` for ${elapsed(first.triggeredAt, now)}`;
  return html`${strip(run)}${progressWords(run)}${first === undefined ? "" : html`, <span class="name">${first.name}</span> ${tellStep(first).word}${since}${more}`}`;
}

/** A run at a glance: a box for each step. What it tells stands beside it in words. */
function strip({ steps }: Run): Html {
  const share = 100 / steps.length;
  const boxes = steps.map(
    (step, index) =>
      html`<rect class="${tellStep(step).tone}" x="${round(index * share)}%" width="${round(share * 0.94)}%" height="8"/>`,
  );
  return html`<svg class="strip" width="100%" height="8" aria-hidden="true">${boxes}</svg>`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

function lastRun(run: Run | null, now: number): Html {
  if (run === null) return html`none yet`;
  const word = tellRun(run).word;
  const took =
    run.status === "running" ? elapsed(run.startedAt, now) : formatDuration(run.endedAt - run.startedAt);
  return html`<a href="/runs/${run.id}">${word} ${run.status === "running" ? "for" : "in"} ${took}</a>, started ${causeOf(run)}`;
}

export function nextOf({ schedule, after }: Pipeline, { next }: PipelineState, now: number): Html {
  const at = schedule === null ? null : nextStart(schedule, now);
  if (next !== null) return html`once the active run is over`;
  if (at !== null) return timeUntil(at, now);
  if (after.length > 0) return html`after ${after.join(", ")}`;
  return html`when it is asked for`;
}
