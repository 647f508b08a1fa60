// GET /runs/{run}: the steps of a run, its log, and buttons to cancel, retry or start from a step.
import { html } from "hono/html";
import { localLimitOfTrigger } from "../../builders/builders.ts";
import { describeBase, shortDigest } from "../../evidence/evidence.ts";
import type { Parameters } from "../../image/tag-parameters.ts";
import { formatDuration } from "../../pipeline/duration.ts";
import { findStep, type Pipeline, type Step } from "../../pipeline/pipeline.ts";
import type { Promotion } from "../../run/promotion.ts";
import {
  findStepRun,
  isUnderWay,
  type Run,
  type RunLogEntry,
  reasonOf,
  type StepRun,
} from "../../run/state.ts";
import { stepBar } from "./bars.ts";
import {
  approveButton,
  cancelButton,
  retryButton,
  rollBackButton,
  signInTo,
  startFromButton,
} from "./buttons.ts";
import { describeCause } from "./describe.ts";
import { runDuration, stepDuration } from "./durations.ts";
import { factList } from "./facts.ts";
import { statusLabel } from "./icons.ts";
import type { Html, Page, Viewer } from "./layout.ts";
import { describeProgress, loggedStatus, runStatus, stepStatus } from "./status.ts";
import { instant, time, timeAgo, timeUntil } from "./times.ts";

export type RunView = {
  run: Run;
  /** Null if the configuration no longer has it. */
  pipeline: Pipeline | null;
  /** Whether it is the pipeline's active or last run. No other run can be cancelled or retried. */
  isLatest: boolean;
  /** Whether no run is active, so that one can be started. */
  isIdle: boolean;
  /** The output of a command; null if there is none to show. */
  output: { step: string; text: string } | null;
};

// Limits that keep the page under 50 KB.
const maxLogEntries = 80;
const maxReasonLength = 160;
const maxOutputLength = 12_000;

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
${facts(run, now)}
<section aria-labelledby="steps"><h2 id="steps">Steps</h2>
<ol class="steps">
${run.steps.map((stepRun) => stepItem(stepRun, view, viewer, now))}</ol></section>
${outputSection(view)}
${logSection(run)}`,
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
    { name: "Started", value: html`${timeAgo(startedAt, now)}, ${describeCause(run)}` },
    because === null ? null : { name: "Because", value: html`${because}` },
    parameters === undefined ? null : { name: "Parameters", value: html`${describeParameters(parameters)}` },
    { name: isRunning ? "Running for" : "Duration", value: html`${runDuration(run, now)}` },
    isRunning ? null : { name: "Ended", value: timeAgo(run.endedAt, now) },
    stalledAt === null ? null : { name: "Stalled", value: timeAgo(stalledAt, now) },
    run.promotion === null ? null : { name: "Promotion", value: promotion(run.promotion) },
    { name: "Run ID", value: html`<span class="name">${run.id}</span>` },
  ]);
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
  const reasons = failures.map(({ step, reason }) => html`<p class="reason">${step}: ${reason}</p>`);
  return html`${phases[found.phase]}${reasons}`;
}

function stepItem(stepRun: StepRun, view: RunView, viewer: Viewer, now: number): Html {
  const { run, pipeline, isIdle } = view;
  const { name, image } = stepRun;
  const step = pipeline === null ? undefined : findStep(pipeline, name);
  const canStart = viewer.isSignedIn && isIdle && step !== undefined;
  return html`<li id="s-${encodeURIComponent(name)}"><div class="head">${statusLabel(stepStatus(stepRun))}<h3>${name}</h3><span class="note">${image === name ? "" : (image ?? "gate")}</span></div>
<div class="line">${stepBar(run, stepRun, now)}</div>
<p class="meta">${details(stepRun, run, now)}${buildLink(stepRun)}${outputLink(stepRun, step, run, viewer)}</p>
${canApprove(stepRun, view, viewer) ? approveButton(run.id, name) : ""}${canStart ? startFromButton(run.pipeline, name) : ""}${evidence(stepRun)}${reason(stepRun)}</li>
`;
}

function canApprove(stepRun: StepRun, { run, pipeline }: RunView, { isSignedIn }: Viewer): boolean {
  return (
    isSignedIn &&
    pipeline !== null &&
    run.status === "running" &&
    stepRun.image === null &&
    isUnderWay(stepRun)
  );
}

function details(stepRun: StepRun, run: Run, now: number): Html {
  const duration = stepDuration(stepRun, run, now);
  const attempts = stepRun.attempts > 1 ? `${stepRun.attempts} attempts` : "";
  const dueIn = stepRun.state === "due" && stepRun.dueAt > now ? html` ${timeUntil(stepRun.dueAt, now)}` : "";
  return html`${[duration, attempts].filter((words) => words !== "").join(", ")}${dueIn}`;
}

/** What the step was pushed as, and whether that stands on its bases. */
function evidence({ pushed }: StepRun): Html {
  if (pushed === null) return html``;
  const { digest, platforms, standsOn } = pushed;
  const verdicts = standsOn.map(({ base, digest: below, verdict }) => {
    const name = `${describeBase(base)}${below === null ? "" : `@${shortDigest(below)}`}`;
    return `${words[verdict]} ${name}`;
  });
  const parts = [platforms.join(", "), ...verdicts].filter((text) => text !== "");
  return html`<p class="evidence"><span class="name" title="${digest}">${shortDigest(digest)}</span> ${parts.join(" · ")}</p>
`;
}

const words = {
  proven: "built from",
  contradicted: "built from the older",
  unknown: "perhaps built from",
};

/** The URL comes from the builder. Only https becomes a link: others, such as `javascript:`, could harm the viewer. */
function buildLink({ build }: StepRun): Html {
  if (build === null) return html``;
  const url = build.url === null ? null : URL.parse(build.url);
  if (url?.protocol !== "https:") return html` build ${build.id}`;
  return html` <a href="${url.href}" rel="noreferrer">build ${build.id}</a>`;
}

/** Only builds on the machine that runs Tagrelay have output. */
function outputLink(stepRun: StepRun, step: Step | undefined, run: Run, { isSignedIn }: Viewer): Html {
  const isLocal = step !== undefined && localLimitOfTrigger(step.trigger) !== null;
  if (!isSignedIn || !isLocal || stepRun.attempts === 0) return html``;
  return html` <a href="/runs/${run.id}?output=${encodeURIComponent(stepRun.name)}#output">output</a>`;
}

function reason(stepRun: StepRun): Html {
  const words = reasonOf(stepRun);
  if (words === null) return html``;
  if (stepRun.state === "fresh") return html`<p class="meta">Not built: ${words}.</p>`;
  return html`<p class="reason${stepRun.state === "failed" ? "" : " soon"}">${words}</p>`;
}

function outputSection({ output }: RunView): Html {
  if (output === null) return html``;
  const { step, text } = output;
  const isCut = text.length > maxOutputLength;
  const shown = isCut ? `…${text.slice(-maxOutputLength)}` : text;
  return html`<section aria-labelledby="output"><h2 id="output">Output of ${step}</h2>
${isCut ? html`<p class="note">The end of the output. The API returns more.</p>` : ""}<pre tabindex="0" role="group" aria-labelledby="output">${shown}</pre></section>`;
}

function logSection(run: Run): Html {
  if (run.log.length === 0) return html``;
  const shown = run.log.slice(-maxLogEntries);
  const isCut = shown.length < run.log.length;
  return html`<section aria-labelledby="log"><h2 id="log">Log</h2>
${isCut ? html`<p class="note">The last ${shown.length} entries. The API returns more.</p>` : ""}<ol class="log">
${shown.map((entry) => logLine(entry, run))}</ol></section>`;
}

function logLine({ at, step, state, attempt, reason }: RunLogEntry, run: Run): Html {
  const subject = step === null ? html`run` : html`<span class="name">${step}</span>`;
  const nth = attempt > 1 ? `, attempt ${attempt}` : "";
  const why = reason === null ? "" : html` <span class="note">${shorten(reason)}</span>`;
  const isGate = step !== null && findStepRun(run, step)?.image === null;
  return html`<li>${time(at, `+${formatDuration(at - run.startedAt)}`)} ${statusLabel(loggedStatus(state, isGate))} <span>${subject}${nth}${why}</span></li>
`;
}

function shorten(reason: string): string {
  return reason.length > maxReasonLength ? `${reason.slice(0, maxReasonLength)}…` : reason;
}
