// A pipeline's last runs, newest first: a line each with a bar for each step, so that one sees what is slow and how it
// grew; and the same as a table.
import { html } from "hono/html";
import { formatDuration } from "../../core/duration.ts";
import type { Run } from "../../core/run.ts";
import { runBars, scaleOf } from "./bars.ts";
import { durationOf } from "./graph.ts";
import { state } from "./icons.ts";
import type { Html } from "./layout.ts";
import { endOfRun, tellRun, tellStep } from "./tell-state.ts";
import { elapsed, exact, toMinute } from "./times.ts";
import { causeOf } from "./words.ts";

export const historyAtMost = 30;

/** Of the runs as many as there is room for, in characters, and at least one. */
export function history(runs: readonly Run[], now: number, room: number): Html {
  if (runs.length === 0) return html`<h2 id="runs">Runs</h2><p class="note">It has not run yet.</p>`;
  const scaleMs = scaleOf(runs, now);
  const names = [...new Set(runs.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  let used = 0;
  const shown = runs
    .map((run) => ({ line: line(run, scaleMs, now), row: tableRow(run, names, now) }))
    .filter(({ line, row }, index) => {
      used += String(line).length + String(row).length;
      return index === 0 || used <= room;
    });
  return html`<h2 id="runs">${shown.length === 1 ? "The last run" : `The last ${shown.length} runs`}</h2>
<p class="note">A bar for each step; the whole width is ${formatDuration(scaleMs)}.</p>
<ol class="history">
${shown.map(({ line }) => line)}</ol>
<details id="as-table"><summary>As a table</summary><div class="scroll" tabindex="0" role="group" aria-label="Runs"><table><thead><tr><th scope="col">Started<th scope="col">State<th scope="col">Took<th scope="col">Cause${names.map((name) => html`<th scope="col">${name}`)}
<tbody>${shown.map(({ row }) => row)}</table></div></details>`;
}

function line(run: Run, scaleMs: number, now: number): Html {
  const started = toMinute(run.startedAt);
  return html`<li id="r-${run.id}"><a href="/runs/${run.id}"><time datetime="${started}Z">${started}</time></a><span>${state(tellRun(run))}</span><div class="line">${runBars(run, scaleMs, now)}</div><span class="took">${tookOf(run, now)}</span></li>
`;
}

export function tookOf(run: Run, now: number): string {
  return run.status === "running"
    ? elapsed(run.startedAt, now)
    : formatDuration(endOfRun(run, now) - run.startedAt);
}

function tableRow(run: Run, names: readonly string[], now: number): Html {
  const cells = names.map((name) => {
    const step = run.steps.find((one) => one.name === name);
    if (step === undefined) return html`<td>`;
    const took = durationOf(step, run, now);
    return html`<td>${step.state === "done" ? took : `${tellStep(step).word} ${took}`.trim()}`;
  });
  return html`<tr><th scope="row">${exact(run.startedAt)}<td>${run.status}<td>${tookOf(run, now)}<td>${causeOf(run)}${cells}
`;
}
