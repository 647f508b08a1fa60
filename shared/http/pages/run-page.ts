// GET /runs/{id}: the steps of a run, what happened in it, and what can be done about it.
import { html } from "hono/html";
import { formatDuration } from "../../core/duration.ts";
import type { Pipeline } from "../../core/pipeline.ts";
import type { Run, RunLogEntry, StepRun } from "../../core/run.ts";
import { stepBar } from "./bars.ts";
import { durationOf } from "./graph.ts";
import { tookOf } from "./history.ts";
import { state } from "./icons.ts";
import { type Html, type Page, signInPath, type Viewer } from "./layout.ts";
import { progressWords, tellLogged, tellRun, tellStep } from "./tell-state.ts";
import { exact, time, timeAgo, timeUntil } from "./times.ts";
import { causeOf } from "./words.ts";

export type RunView = {
  run: Run;
  /** Null where it is no longer configured. */
  pipeline: Pipeline | null;
  /** The run that is the pipeline's now, which alone can be gone on with. */
  isLatest: boolean;
  /** Whether no run is active, so that one may be started. */
  isIdle: boolean;
  /** What a command has said; null where none is to be shown. */
  output: { step: string; text: string } | null;
};

/** A page has a size to keep to. */
const logAtMost = 80;
const reasonAtMost = 160;
const outputAtMost = 12_000;

export function runPage(view: RunView, viewer: Viewer, now: number): Page {
  const { run } = view;
  const told = tellRun(run);
  return {
    title: `${told.word}, ${progressWords(run)} · ${run.pipeline} · Tagrelay`,
    summary: `Run ${told.word}, ${progressWords(run)}`,
    live: run.status === "running" ? "active" : "idle",
    content: html`<p class="path"><a href="/">Pipelines</a> / <a href="/pipelines/${run.pipeline}">${run.pipeline}</a></p>
<div class="top"><h1>Run of ${time(run.startedAt, exact(run.startedAt))}</h1><p>${state(told)} ${progressWords(run)}</p>${actions(view, viewer)}</div>
<dl class="facts">
<div><dt>Started</dt><dd>${timeAgo(run.startedAt, now)}, ${causeOf(run)}</dd></div>
<div><dt>${run.status === "running" ? "Has taken" : "Took"}</dt><dd>${tookOf(run, now)}</dd></div>
${run.status === "running" ? "" : html`<div><dt>Ended</dt><dd>${timeAgo(run.endedAt, now)}</dd></div>`}
${run.stalledAt === null ? "" : html`<div><dt>Gets no further since</dt><dd>${timeAgo(run.stalledAt, now)}</dd></div>`}
<div><dt>Id</dt><dd class="name">${run.id}</dd></div>
</dl>
<section aria-labelledby="steps"><h2 id="steps">Steps</h2>
<ol class="steps">
${run.steps.map((step) => stepItem(step, view, viewer, now))}</ol></section>
${outputOf(view)}
${logOf(run)}`,
  };
}

function actions({ run, pipeline, isLatest }: RunView, { isSignedIn, path }: Viewer): Html {
  const canRetry = isLatest && (run.status === "failed" || run.status === "cancelled");
  const canCancel = isLatest && run.status === "running";
  if (pipeline === null || !(canRetry || canCancel)) return html``;
  const what = canRetry ? "retry" : "cancel";
  if (!isSignedIn) return html`<p class="do"><a href="${signInPath(path)}">Sign in</a> to ${what} it</p>`;
  return html`<form class="do" method="post" action="/runs/${run.id}/${what}"><button class="${canRetry ? "" : "bad"}">${canRetry ? "Retry" : "Cancel"}</button></form>`;
}

function stepItem(step: StepRun, view: RunView, { isSignedIn }: Viewer, now: number): Html {
  const { run, pipeline, isIdle } = view;
  const settings = pipeline?.steps.find(({ name }) => name === step.name);
  const canStart = isSignedIn && isIdle && settings !== undefined;
  const reason = "reason" in step && step.reason !== null ? step.reason : null;
  return html`<li id="s-${encodeURIComponent(step.name)}"><div class="head">${state(tellStep(step))}<h3>${step.name}</h3><span class="note">${step.image === step.name ? "" : step.image}</span></div>
<div class="line">${stepBar(run, step, now)}</div><p class="meta">${metaOf(step, run, now)}${buildLink(step)}${isSignedIn && settings !== undefined && "command" in settings.trigger && step.attempts > 0 ? html` <a href="/runs/${run.id}?output=${encodeURIComponent(step.name)}#output">output</a>` : ""}</p>${canStart ? html`<form method="post" action="/pipelines/${run.pipeline}/runs"><input type="hidden" name="from" value="${step.name}"><button class="plain" aria-label="Start from here, ${step.name}">Start from here</button></form>` : ""}${reason === null ? "" : html`<p class="reason${step.state === "failed" ? "" : " soon"}">${reason}</p>`}</li>
`;
}

function metaOf(step: StepRun, run: Run, now: number): Html {
  const took = durationOf(step, run, now);
  const attempts = step.attempts > 1 ? `${took === "" ? "" : ", "}${step.attempts} attempts` : "";
  const due = step.state === "due" && step.dueAt > now ? html` ${timeUntil(step.dueAt, now)}` : "";
  return html`${took}${attempts}${due}`;
}

/** Whoever builds has told the address: only one that is a page's is made a link. */
function buildLink({ ticket }: StepRun): Html {
  if (ticket === null) return html``;
  const url = ticket.url === null ? null : URL.parse(ticket.url);
  if (url?.protocol !== "https:") return html` build ${ticket.id}`;
  return html` <a href="${url.href}" rel="noreferrer">build ${ticket.id}</a>`;
}

function outputOf({ output }: RunView): Html {
  if (output === null) return html``;
  const { step, text } = output;
  const isCut = text.length > outputAtMost;
  return html`<section aria-labelledby="output"><h2 id="output">Output of ${step}</h2>
${isCut ? html`<p class="note">Its end; the API tells all that is kept.</p>` : ""}<pre tabindex="0" role="group" aria-labelledby="output">${isCut ? `…${text.slice(-outputAtMost)}` : text}</pre></section>`;
}

function logOf(run: Run): Html {
  if (run.log.length === 0) return html``;
  const shown = run.log.slice(-logAtMost);
  const isCut = shown.length < run.log.length;
  return html`<section aria-labelledby="log"><h2 id="log">What happened</h2>
${isCut ? html`<p class="note">The last ${shown.length}; the API tells more.</p>` : ""}<ol class="log">
${shown.map((entry) => logLine(entry, run))}</ol></section>`;
}

function logLine({ at, step, state: word, attempt, reason }: RunLogEntry, run: Run): Html {
  const why =
    reason === null ? "" : reason.length > reasonAtMost ? `${reason.slice(0, reasonAtMost)}…` : reason;
  return html`<li>${time(at, `+${formatDuration(at - run.startedAt)}`)} ${state(tellLogged(word))} <span>${step === null ? "the run" : html`<span class="name">${step}</span>`}${attempt > 1 ? `, attempt ${attempt}` : ""}${why === "" ? "" : html` <span class="note">${why}</span>`}</span></li>
`;
}
