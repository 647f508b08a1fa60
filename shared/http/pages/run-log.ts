// The log of a run: what changed, when, and why.
import { html } from "hono/html";
import { formatDuration } from "../../pipeline/duration.ts";
import { findStepRun, type Run, type RunLogEntry } from "../../run/state.ts";
import { statusLabel } from "./icons.ts";
import type { Html } from "./layout.ts";
import { loggedStatus } from "./status.ts";
import { time } from "./times.ts";

// Limits that keep the page small.
const maxEntries = 80;
const maxReasonLength = 160;

export function runLog(run: Run): Html {
  if (run.log.length === 0) return html``;
  const shown = run.log.slice(-maxEntries);
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
