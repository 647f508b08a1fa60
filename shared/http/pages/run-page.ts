// GET /runs/{run}: what a run did and does, what to do if it failed, and buttons to cancel it, retry it,
// roll it back, or start a run from a step.
import { html } from "hono/html";
import type { Parameters } from "../../image/tag-parameters.ts";
import { describeProgress } from "../../progress/progress-of.ts";
import type { Promotion } from "../../run/promotion.ts";
import type { Run } from "../../run/state.ts";
import { cancelButton, retryButton, rollBackButton, signInTo } from "./buttons.ts";
import { describeCause, pluralize } from "./describe.ts";
import { runDuration } from "./durations.ts";
import { factList } from "./facts.ts";
import { statusLabel } from "./icons.ts";
import type { Html, Page, Viewer } from "./layout.ts";
import { runAdvice } from "./run-advice.ts";
import { runLog } from "./run-log.ts";
import { runSteps } from "./run-steps.ts";
import type { RunView } from "./run-view.ts";
import { runStatus } from "./status.ts";
import { instant, timeAgo } from "./times.ts";

/** Keeps the page small. */
const maxOutputLength = 12_000;
const maxFailures = 5;

export function runPage(view: RunView, viewer: Viewer, now: number): Page {
  const { run } = view;
  const status = runStatus(run);
  const progress = describeProgress(run);
  return {
    title: `${status.word}, ${progress} · ${run.pipeline} · Tagrelay`,
    summary: `Run ${status.word}, ${progress}`,
    live: run.status === "running" ? "active" : "idle",
    content: html`<p class="path"><a href="/">Pipelines</a> / <a href="/pipelines/${run.pipeline}">${run.pipeline}</a></p>
<div class="top"><h1>Run of ${instant(run.startedAt)}</h1><p>${statusLabel(status)} ${progress}</p>${button(view, viewer)}</div>
${runAdvice(view, now)}${facts(run, now)}
${runSteps(view, viewer, now)}
${outputSection(view)}
${runLog(run)}`,
  };
}

function button({ run, pipeline, isLatest }: RunView, { isSignedIn, path }: Viewer): Html {
  if (pipeline === null || !isLatest) return html``;
  if (run.status === "succeeded") return isSignedIn ? rollBackButton(run.id) : html``;
  const isRunning = run.status === "running";
  if (!isSignedIn) return signInTo(isRunning ? "cancel the run" : "retry", path);
  return isRunning ? cancelButton(run.id) : retryButton(run.id);
}

function describeParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function facts(run: Run, now: number): Html {
  const { startedAt, stalledAt, because, parameters } = run;
  const isRunning = run.status === "running";
  return factList([
    { name: "Started", value: html`${timeAgo(startedAt, now)}, ${describeCause(run)}`, isLong: true },
    because === null ? null : { name: "Because", value: html`${because}`, isLong: true },
    parameters === undefined
      ? null
      : { name: "Parameters", value: html`${describeParameters(parameters)}`, isLong: true },
    { name: "Duration", value: html`${runDuration(run, now)}` },
    { name: "Ended", value: isRunning ? html`not yet` : timeAgo(run.endedAt, now) },
    stalledAt === null ? null : { name: "Stalled", value: timeAgo(stalledAt, now) },
    { name: "Changed", value: html`${describeChanges(run)}` },
    run.promotion === null ? null : { name: "Promotion", value: promotion(run.promotion), isLong: true },
    { name: "Run ID", value: html`<span class="name">${run.id}</span>`, isLong: true },
  ]);
}

/** How many pushed images differ from those before the run. Counts only images whose earlier digest is known. */
function describeChanges({ steps }: Run): string {
  const pushed = steps.flatMap(({ pushed, digestBefore }) =>
    pushed === null || digestBefore === null ? [] : [pushed.digest !== digestBefore],
  );
  const changed = pushed.filter((isChanged) => isChanged).length;
  return pushed.length === 0 ? "not known yet" : `${changed} of ${pluralize(pushed.length, "pushed image")}`;
}

const phases: Record<Promotion["phase"], string> = {
  building: "the tags are moved together, once all steps are done",
  preparing: "the tags are about to be moved",
  moving: "the tags are being moved",
  moved: "the tags were moved",
  movingBack: "not all tags could be moved; those that were are being moved back",
  failed: "the tags could not be moved",
};

function promotion(found: Promotion): Html {
  const failures = "failures" in found ? found.failures : [];
  const reasons = failures
    .slice(0, maxFailures)
    .map(({ step, reason }) => html`<p class="reason">${step}: ${reason}</p>`);
  const more = failures.length - reasons.length;
  return html`${phases[found.phase]}${reasons}${more > 0 ? html`<p class="note">and ${more} more</p>` : ""}`;
}

function outputSection({ run, output }: RunView): Html {
  if (output === null) return html``;
  const { step, text, isOpen } = output;
  const isCut = text.length > maxOutputLength;
  const shown = isCut ? `…${text.slice(-maxOutputLength)}` : text;
  // live.js follows it from there.
  const path = `/runs/${run.id}/steps/${encodeURIComponent(step)}/output?tail=${maxOutputLength}`;
  const followed = html` data-follow="${path}"`;
  return html`<section aria-labelledby="output"><h2 id="output">Output of ${step}</h2>
${isCut ? html`<p class="note">The end of the output. The API returns more.</p>` : ""}<pre tabindex="0" role="group" aria-labelledby="output"${isOpen ? followed : ""}>${shown}</pre></section>`;
}
