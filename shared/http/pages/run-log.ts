// The log of a run: what changed, when, and why.
import { html } from "hono/html";
import { formatDuration } from "../../pipeline/duration.ts";
import { findStepRun, type Run, type RunLogEntry } from "../../run/state.ts";
import { pluralize } from "./describe.ts";
import { statusLabel } from "./icons.ts";
import type { Html } from "./layout.ts";
import { loggedStatus } from "./status.ts";
import { time } from "./times.ts";

// Limits that keep the page small.
const maxEntries = 80;
const maxReasonLength = 160;

export function runLog(run: Run): Html {
  const all = run.log.length + (run.logLeftOut ?? 0);
  if (all === 0) return html``;
  const shown = run.log.slice(-maxEntries);
  const lines = html`<ol class="log">
${shown.map((entry) => logLine(entry, run))}</ol>`;
  return html`<section aria-labelledby="log"><h2 id="log">Log</h2>
${note(run, shown.length, all)}${shown.length === 0 ? "" : lines}</section>`;
}

function note({ log }: Run, shown: number, all: number): Html {
  if (all === shown) return html``;
  if (shown === 0)
    return html`<p class="note">The run is too large to keep its ${pluralize(all, "change")}.</p>`;
  const kept = log.length > shown ? ` The API returns the last ${log.length}.` : "";
  return html`<p class="note">The last ${shown} of ${pluralize(all, "change")}.${kept}</p>`;
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
