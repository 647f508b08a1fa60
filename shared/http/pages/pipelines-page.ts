// GET /: whether everything is fresh, and all pipelines, each with its status, its progress, its last run and its next start.
import { html } from "hono/html";
import { imageNameOf, type Pipeline } from "../../pipeline/pipeline.ts";
import { describeProgress, progressOf } from "../../progress/progress-of.ts";
import type { Run } from "../../run/state.ts";
import { describeCause, pluralize } from "./describe.ts";
import { runDuration } from "./durations.ts";
import type { Html, Page } from "./layout.ts";
import { type Group, listing, type Wanted } from "./listing.ts";
import { nextStartOf } from "./next-start.ts";
import { isRunning, needsAttention, overview } from "./overview.ts";
import type { PipelineEntry } from "./pipeline-entry.ts";
import { pipelineStatus, runStatus, stepStatus } from "./status.ts";
import { statusLine } from "./status-line.ts";
import { strip } from "./strip.ts";
import { elapsed } from "./times.ts";

const hasWord =
  (word: string) =>
  ({ pipeline, state }: PipelineEntry) =>
    pipelineStatus(pipeline, state).word === word;

const groups: Group<PipelineEntry>[] = [
  { key: "attention", label: "Needs attention", has: needsAttention },
  { key: "running", label: "Running", has: isRunning },
  { key: "fresh", label: "Fresh", has: hasWord("fresh") },
  { key: "never-run", label: "Never run", has: hasWord("never run") },
];

export function pipelinesPage(entries: readonly PipelineEntry[], wanted: Wanted, now: number): Page {
  const byWord = Map.groupBy(entries, ({ pipeline, state }) => pipelineStatus(pipeline, state).word);
  const summary = [...byWord].map(([word, { length }]) => `${length} ${word}`).join(", ");
  const { shown, controls, pager } = listing(entries, wanted, {
    path: "/",
    searched: "name or image",
    noun: "pipeline",
    groups,
    textOf: ({ pipeline: { name, steps } }) => [name, ...steps.map(imageNameOf)].join("\n"),
  });
  return {
    title: `${summary} · Tagrelay`,
    summary,
    live: entries.some(isRunning) ? "active" : "idle",
    content: html`<div class="top"><h1>Pipelines</h1><p class="note">${summary}</p></div>
${overview(entries, now)}
${controls}${
  shown.length === 0
    ? ""
    : html`<ul class="rows">
${shown.map((entry) => row(entry, now))}</ul>`
}
${pager}`,
  };
}

function row({ pipeline, state }: PipelineEntry, now: number): Html {
  const { name } = pipeline;
  return html`<li id="p-${name}" class="row"><div><h2><a href="/pipelines/${name}">${name}</a></h2><p>${statusLine(pipeline, state, "", now)}</p></div>
<p>${progress(pipeline, state.run, now)}</p>
<p>${lastRun(state.run, now)}</p>
<p class="note">${nextStartOf(pipeline, state, now)}</p></li>
`;
}

function progress({ steps }: Pipeline, run: Run | null, now: number): Html {
  if (run === null) return html`${pluralize(steps.length, "step")}`;
  return html`${strip(run)}${describeProgress(run)}${currentStep(run, now)}`;
}

function currentStep(run: Run, now: number): Html {
  const [first, ...others] = progressOf(run).underWay;
  if (first === undefined) return html``;
  const name = html`<span class="name">${first.name}</span>`;
  if (others.length > 0) return html`, ${name} and ${others.length} more under way`;
  // A step that is due again keeps the time of its last trigger.
  const since = first.state === "due" ? null : first.triggeredAt;
  const duration = since === null ? "" : ` for ${elapsed(since, now)}`;
  return html`, ${name} ${stepStatus(first).word}${duration}`;
}

const prepositions = { running: "for", succeeded: "in", failed: "after", cancelled: "after" };

function lastRun(run: Run | null, now: number): Html {
  if (run === null) return html`no run yet`;
  return html`<a href="/runs/${run.id}">${runStatus(run).word} ${prepositions[run.status]} ${runDuration(run, now)}</a>, ${describeCause(run)}`;
}
