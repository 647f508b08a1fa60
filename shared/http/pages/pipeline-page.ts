// GET /pipelines/{pipeline}: the graph, what starts the pipeline, and its last runs.
import { html } from "hono/html";
import { imageNameOf, type Pipeline } from "../../pipeline/pipeline.ts";
import { progressOf } from "../../progress/progress-of.ts";
import { findStepRun, type PipelineState, type Run } from "../../run/state.ts";
import { cancelButton, signInTo, startButton } from "./buttons.ts";
import { describeCause, describeLimit, describeStarts, maxNames, nameSome, pluralize } from "./describe.ts";
import { stepDuration } from "./durations.ts";
import { factList, join } from "./facts.ts";
import { graph } from "./graph.ts";
import { history, type PastRuns } from "./history.ts";
import type { Html, Page, Viewer } from "./layout.ts";
import { nextStartOf } from "./next-start.ts";
import { table } from "./scroll-area.ts";
import { neverRun, pipelineStatus, stepStatus } from "./status.ts";
import { statusLine } from "./status-line.ts";
import { about, timeAgo, timeUntil } from "./times.ts";
import { type Usual, usualOf } from "./usual.ts";

export type PipelineView = {
  pipeline: Pipeline;
  state: PipelineState;
  /** The newest, which tell how long steps usually take. */
  latest: readonly Run[];
  past: PastRuns;
};

/** More names than that make a table too wide to be read. */
const maxAfter = 20;

/** With the style sheet, the script and the frame, the page stays under 50 KB unless its graph alone is larger. */
const maxLength = 27_000;

export function pipelinePage(view: PipelineView, viewer: Viewer, now: number): Page {
  const { pipeline, state } = view;
  const { run } = state;
  const status = pipelineStatus(pipeline, state);
  const progress = run?.status === "running" ? progressOf(run) : null;
  const usual = usualOf(pipeline.steps, view.latest);
  const done = progress === null ? "" : ` ${progress.done} of ${progress.all}`;
  const upper = html`<p class="path"><a href="/">Pipelines</a></p>
<div class="top"><h1>${pipeline.name}</h1><p>${statusLine(pipeline, state, done === "" ? "" : `${done} done,`, now)}</p>${button(view, viewer)}</div>
${facts(view, usual, now)}
<section aria-labelledby="graph"><h2 id="graph">Graph</h2>
${graph(pipeline.steps, run, usual, now)}
${pathNote(usual)}
<details id="steps"><summary>${pluralize(pipeline.steps.length, "step")} as table</summary>${stepsTable(view, usual, now)}</details></section>`;
  const lower = history(view.past, `/pipelines/${pipeline.name}`, now, maxLength - String(upper).length);
  return {
    title: `${status.word}${done} · ${pipeline.name} · Tagrelay`,
    summary: `${pipeline.name} ${status.word}${done}`,
    live: run?.status === "running" ? "active" : "idle",
    content: html`${upper}
<section aria-labelledby="runs">${lower}</section>`,
  };
}

function button({ pipeline, state: { run } }: PipelineView, { isSignedIn, path }: Viewer): Html {
  if (!isSignedIn) return signInTo("start a run", path);
  return run?.status === "running" ? cancelButton(run.id) : startButton(pipeline);
}

/** What decides how long a run takes, in words. */
function pathNote({ path, stepMs }: Usual): Html {
  if (path.size < 2) return html``;
  const names = [...path];
  const total = names.reduce((sum, name) => sum + (stepMs.get(name) ?? 0), 0);
  const slowest = names.toSorted((a, b) => (stepMs.get(b) ?? 0) - (stepMs.get(a) ?? 0))[0] ?? "";
  return html`<p class="note">Outlined: the critical path, usually ${about(total)}. Its slowest step is ${slowest}, ${about(stepMs.get(slowest) ?? 0)}.</p>`;
}

function facts({ pipeline, state }: PipelineView, { runMs }: Usual, now: number): Html {
  const { run, outage } = state;
  const { followers } = pipeline;
  const limit = describeLimit(pipeline);
  return factList([
    { name: "Started by", value: startsOf(pipeline), isLong: true },
    run === null ? null : { name: "Last run", value: lastRun(run, now), isLong: true },
    { name: "Next start", value: nextStartOf(pipeline, state, now) },
    runMs === null
      ? null
      : { name: "Usually takes", value: html`${about(runMs)}${endsIn(run, runMs, now)}`, isLong: true },
    outage === null ? null : { name: "Failing since", value: html`${timeAgo(outage.since, now)}` },
    followers.length === 0 ? null : { name: "Starts", value: pipelineLinks(followers), isLong: true },
    limit === null ? null : { name: "Builds", value: html`${limit}` },
  ]);
}

function endsIn(run: Run | null, runMs: number, now: number): Html {
  if (run?.status !== "running" || run.from !== null) return html``;
  const endsAt = run.startedAt + runMs;
  return endsAt <= now ? html`, longer this time` : html`, so it ends ${timeUntil(endsAt, now)}`;
}

function startsOf(pipeline: Pipeline): Html {
  const starts = describeStarts(pipeline).map((words) => html`${words}`);
  if (pipeline.after.length > 0) starts.push(html`each success of ${pipelineLinks(pipeline.after)}`);
  return starts.length === 0 ? html`manual starts and pushes` : join(starts, html`<br>`);
}

function pipelineLinks(names: readonly string[]): Html {
  const links = names.slice(0, maxNames).map((name) => html`<a href="/pipelines/${name}">${name}</a>`);
  const more = names.length - links.length;
  return html`${join(links, html`, `)}${more > 0 ? ` and ${more} more` : ""}`;
}

function lastRun(run: Run, now: number): Html {
  return html`<a href="/runs/${run.id}">${run.status}</a>, started ${timeAgo(run.startedAt, now)} ${describeCause(run)}`;
}

function stepsTable({ pipeline, state: { run } }: PipelineView, { stepMs }: Usual, now: number): Html {
  const rows = pipeline.steps.map((step) => {
    const stepRun = findStepRun(run, step.name);
    const status = stepRun === undefined ? neverRun : stepStatus(stepRun);
    const duration = stepRun === undefined || run === null ? "" : stepDuration(stepRun, run, now);
    const usually = stepMs.get(step.name);
    return html`<tr><th scope="row">${step.name}<td>${imageNameOf(step) ?? "gate"}<td>${nameSome(step.after, maxAfter) || "–"}<td>${step.trigger.kind}<td>${status.word}<td>${duration || "–"}<td>${usually === undefined ? "–" : about(usually)}
`;
  });
  return table("Steps", ["Step", "Image", "After", "Built by", "Status", "Duration", "Usually"], rows);
}
