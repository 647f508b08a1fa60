// A pipeline's last runs, newest first: a line each with a bar per step, which shows what is slow and how that changes, and
// the same data as a table.
import { html } from "hono/html";
import { formatDuration } from "../../pipeline/duration.ts";
import { findStepRun, type Run } from "../../run/state.ts";
import { barsOf, lanesOf, runBars, scaleOf } from "./bars.ts";
import { describeCause } from "./describe.ts";
import { runDuration, stepDuration } from "./durations.ts";
import { statusLabel } from "./icons.ts";
import type { Html } from "./layout.ts";
import { table } from "./scroll-area.ts";
import { runStatus, stepStatus } from "./status.ts";
import { instant, toMinute } from "./times.ts";

export const maxHistory = 30;
const maxColumns = 40;

/**
 * Part of a pipeline's runs: the latest, or those before the run `before`. `next` is the id of the last of them, from where older
 * ones follow; null if there are none.
 */
export type PastRuns = { runs: readonly Run[]; before: string | null; next: string | null };

/** As many runs as fit into `maxLength` characters, and at least one. */
export function history(
  { runs, before, next }: PastRuns,
  path: string,
  now: number,
  maxLength: number,
): Html {
  const newest = html`<a href="${path}#runs">Newest</a>`;
  if (runs.length === 0 && before !== null) {
    return html`<h2 id="runs">Runs</h2><p class="note">No older runs. ${newest}</p>`;
  }
  if (runs.length === 0) return html`<h2 id="runs">Runs</h2><p class="note">No runs yet</p>`;
  const scaleMs = scaleOf(runs, now);
  const found = [...new Set(runs.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  // A table of hundreds of columns helps nobody; each run's page has its steps.
  const names = found.length > maxColumns ? [] : found;
  // A run under way has the height that it will probably have in the end, so that what is below it does not move.
  const lastSuccess = runs.find(({ status }) => status === "succeeded");
  const usualLanes = lastSuccess === undefined ? 1 : lanesOf(barsOf(lastSuccess, now));
  let length = 0;
  const shown = runs
    .map((run) => ({
      line: line(run, scaleMs, now, run.status === "running" ? usualLanes : 1),
      row: tableRow(run, names, now),
    }))
    .filter(({ line, row }, index) => {
      length += String(line).length + String(row).length;
      return index === 0 || length <= maxLength;
    });
  const rows = shown.map(({ row }) => row);
  const last = shown.length < runs.length ? runs[shown.length - 1]?.id : next;
  const older = last ? html`<a href="${path}?before=${encodeURIComponent(last)}#runs">Older</a>` : "";
  const title = before === null ? lastRuns(shown.length) : "Older runs";
  return html`<h2 id="runs">${title}</h2>
<p class="note">One bar per step. The full width is ${formatDuration(scaleMs)}.</p>
<ol class="history">
${shown.map(({ line }) => line)}</ol>
<details id="as-table"><summary>Runs as table</summary>${table("Runs", ["Started", "Status", "Duration", "Cause", ...names], rows)}</details>
${older === "" && before === null ? "" : html`<nav class="pager" aria-label="Runs">${before === null ? "" : newest}${older}</nav>`}`;
}

const lastRuns = (count: number) => (count === 1 ? "Last run" : `Last ${count} runs`);

function line(run: Run, scaleMs: number, now: number, minLanes: number): Html {
  return html`<li id="r-${run.id}"><a href="/runs/${run.id}">${instant(run.startedAt, toMinute(run.startedAt))}</a>
<span>${statusLabel(runStatus(run))}</span><div class="line">${runBars(run, scaleMs, now, minLanes)}</div><span class="took">${runDuration(run, now)}</span></li>
`;
}

function tableRow(run: Run, names: readonly string[], now: number): Html {
  const cells = names.map((name) => {
    const stepRun = findStepRun(run, name);
    if (stepRun === undefined) return html`<td>`;
    const duration = stepDuration(stepRun, run, now);
    return html`<td>${stepRun.state === "done" ? duration : `${stepStatus(stepRun).word} ${duration}`.trim()}`;
  });
  return html`<tr><th scope="row">${instant(run.startedAt)}<td>${run.status}<td>${runDuration(run, now)}<td>${describeCause(run)}${cells}
`;
}
