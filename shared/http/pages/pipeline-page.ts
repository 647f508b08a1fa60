// GET /pipelines/{p}: its graph, what starts it, and its last runs.
import { html } from "hono/html";
import { imageName } from "../../core/image.ts";
import type { Pipeline } from "../../core/pipeline.ts";
import type { PipelineState, Run } from "../../core/run.ts";
import { durationOf, graph } from "./graph.ts";
import { history } from "./history.ts";
import { state } from "./icons.ts";
import { type Html, type Page, signInPath, type Viewer } from "./layout.ts";
import { nextOf } from "./pipelines-page.ts";
import { neverRun, progressOf, tellPipeline, tellStep } from "./tell-state.ts";
import { timeAgo } from "./times.ts";
import { causeOf, count, limitOf, startsOf } from "./words.ts";

export type PipelineView = { pipeline: Pipeline; state: PipelineState; runs: readonly Run[] };

/** With the style sheet, the script and what is around it, a page stays under 50 KB unless its graph alone is larger. */
const roomFor = 34_000;

export function pipelinePage(view: PipelineView, viewer: Viewer, now: number): Page {
  const { pipeline, state: kept } = view;
  const { run } = kept;
  const status = tellPipeline(kept);
  const progress = run?.status === "running" ? progressOf(run) : null;
  const done = progress === null ? "" : ` ${progress.done} of ${progress.all}`;
  const upper = html`<p class="path"><a href="/">Pipelines</a></p>
<div class="top"><h1>${pipeline.name}</h1><p>${state(status)}${done} ${status.at === null ? "" : timeAgo(status.at, now)}</p>${actions(view, viewer)}</div>
${facts(view, now)}
<section aria-labelledby="graph"><h2 id="graph">Graph</h2>
${graph(pipeline.steps, run, now)}
<details id="steps"><summary>${count(pipeline.steps.length, "step")} as a table</summary>${stepsTable(view, now)}</details></section>`;
  return {
    title: `${status.word}${done} · ${pipeline.name} · Tagrelay`,
    summary: `${pipeline.name} ${status.word}${done}`,
    live: run?.status === "running" ? "active" : "idle",
    content: html`${upper}
<section aria-labelledby="runs">${history(view.runs, now, roomFor - String(upper).length)}</section>`,
  };
}

function facts({ pipeline, state: kept }: PipelineView, now: number): Html {
  const { run, trouble } = kept;
  const starts = startsOf(pipeline);
  const limit = limitOf(pipeline);
  const links = (names: readonly string[]) =>
    names.map((name, index) => html`${index === 0 ? "" : ", "}<a href="/pipelines/${name}">${name}</a>`);
  const { after, followers } = pipeline;
  return html`<dl class="facts">
<div><dt>Started by</dt><dd>${starts.length + after.length === 0 ? "people and pushes" : starts.map((words, index) => html`${index === 0 ? "" : html`<br>`}${words}`)}${after.length === 0 ? "" : html`${starts.length === 0 ? "" : html`<br>`}each success of ${links(after)}`}</dd></div>
<div><dt>Next start</dt><dd>${nextOf(pipeline, kept, now)}</dd></div>
${run === null ? "" : html`<div><dt>Last run</dt><dd><a href="/runs/${run.id}">${run.status}</a>, started ${timeAgo(run.startedAt, now)} ${causeOf(run)}</dd></div>`}
${trouble === null ? "" : html`<div><dt>Not fresh since</dt><dd>${timeAgo(trouble.since, now)}</dd></div>`}
${followers.length === 0 ? "" : html`<div><dt>Starts</dt><dd>${links(followers)}</dd></div>`}
${limit === null ? "" : html`<div><dt>Builds</dt><dd>${limit}</dd></div>`}
</dl>`;
}

function actions({ pipeline, state: { run } }: PipelineView, { isSignedIn, path }: Viewer): Html {
  if (!isSignedIn) return html`<p class="do"><a href="${signInPath(path)}">Sign in</a> to start a run</p>`;
  if (run?.status === "running") {
    return html`<form class="do" method="post" action="/runs/${run.id}/cancel"><button class="bad">Cancel the run</button></form>`;
  }
  return html`<form class="do" method="post" action="/pipelines/${pipeline.name}/runs"><label>From <select name="from"><option value="">the start</option>${pipeline.steps.map(({ name }) => html`<option>${name}</option>`)}</select></label> <button>Start a run</button></form>`;
}

function stepsTable({ pipeline, state: { run } }: PipelineView, now: number): Html {
  const rows = pipeline.steps.map((step) => {
    const stepRun = run?.steps.find(({ name }) => name === step.name);
    const told = stepRun === undefined ? neverRun : tellStep(stepRun);
    const took = stepRun === undefined || run === null ? "" : durationOf(stepRun, run, now);
    return html`<tr><th scope="row">${step.name}<td>${imageName(step.image)}<td>${step.after.join(", ") || "–"}<td>${Object.keys(step.trigger).join()}<td>${told.word}<td>${took || "–"}
`;
  });
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Steps"><table><thead><tr><th scope="col">Step<th scope="col">Image<th scope="col">After<th scope="col">Built by<th scope="col">State<th scope="col">Took
<tbody>${rows}</table></div>`;
}
