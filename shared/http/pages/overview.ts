// The top of the front page: is everything fresh, what is not, what is running, and what comes next. It has room for the
// same number of lines whatever happens, so that the list below does not jump.
import { html } from "hono/html";
import { nextStart } from "../../pipeline/schedule.ts";
import { progressOf } from "../../progress/progress-of.ts";
import { pluralize } from "./describe.ts";
import { icon } from "./icons.ts";
import type { Html } from "./layout.ts";
import type { PipelineEntry } from "./pipeline-entry.ts";
import { approvalsAwaited, type Icon, pipelineStatus, type Tone } from "./status.ts";
import { time, until } from "./times.ts";

const maxLines = 4;

/** A pipeline that somebody should look at, or whose images are not known to be fresh. */
export function needsAttention(entry: PipelineEntry): boolean {
  const { word } = pipelineStatus(entry.pipeline, entry.state);
  return ["failed", "stalled", "stale", "cancelled"].includes(word) || waitsForPerson(entry);
}

export function isRunning({ state: { run } }: PipelineEntry): boolean {
  return run?.status === "running";
}

export function waitsForPerson({ pipeline, state: { run } }: PipelineEntry): boolean {
  return approvalsAwaited(pipeline, run).length > 0;
}

export function overview(entries: readonly PipelineEntry[], now: number): Html {
  const troubled = entries.filter(needsAttention).toSorted((a, b) => urgency(a) - urgency(b));
  const running = entries.filter(isRunning);
  return html`<div class="overview">
${verdict(entries, troubled)}
${column("running", running.length, "running", firstOf(running).map(runningLine))}
${nextColumn(entries, now)}</div>
`;
}

/** The last line is for how many more there are. */
function firstOf<T>(all: readonly T[]): readonly T[] {
  return all.slice(0, all.length > maxLines ? maxLines - 1 : maxLines);
}

const order = ["failed", "stalled", "stale", "waiting for approval", "building", "cancelled"];
function urgency({ pipeline, state }: PipelineEntry): number {
  return order.indexOf(pipelineStatus(pipeline, state).word);
}

function verdict(entries: readonly PipelineEntry[], troubled: readonly PipelineEntry[]): Html {
  if (troubled.length > 0) {
    const isBad = troubled.some(({ pipeline, state }) => pipelineStatus(pipeline, state).tone === "bad");
    const lines = firstOf(troubled).map(attentionLine);
    return column(
      troubled.length === 1 ? "needs attention" : "need attention",
      troubled.length,
      "attention",
      lines,
      isBad ? "bad" : "soon",
      isBad ? "failed" : "due",
    );
  }
  const fresh = entries.filter(({ pipeline, state }) => pipelineStatus(pipeline, state).word === "fresh");
  const rest = entries.length - fresh.length;
  const lines = [
    html`<li>${pluralize(fresh.length, "pipeline")} built and up to date</li>`,
    ...(rest === 0 ? [] : [html`<li>${rest} running, or never run</li>`]),
  ];
  if (rest > 0) return column("Nothing has failed", null, "", lines, "good", "done");
  return column("Everything is fresh", null, "", lines, "good", "done");
}

function attentionLine(entry: PipelineEntry): Html {
  const { pipeline, state } = entry;
  if (waitsForPerson(entry)) return line(pipeline.name, html`waits for an approval`);
  const { word } = pipelineStatus(pipeline, state);
  const failed = state.run?.steps.find((stepRun) => stepRun.state === "failed");
  return line(
    pipeline.name,
    html`${word}${word === "failed" && failed !== undefined ? ` at ${failed.name}` : ""}`,
  );
}

function runningLine({ pipeline, state: { run } }: PipelineEntry): Html {
  if (run === null) return html``;
  const { done, all, underWay } = progressOf(run);
  const [first] = underWay;
  return line(pipeline.name, html`${done} of ${all}${first === undefined ? "" : `, ${first.name}`}`);
}

function nextColumn(entries: readonly PipelineEntry[], now: number): Html {
  const starts = entries.flatMap(({ pipeline }) => {
    const at = pipeline.schedule === null ? null : nextStart(pipeline.schedule, now);
    return at === null ? [] : { name: pipeline.name, at };
  });
  const lines = starts
    .toSorted((a, b) => a.at - b.at)
    .slice(0, maxLines)
    .map(({ name, at }) => line(name, time(at, until(at, now))));
  const none = html`<li>nothing is scheduled</li>`;
  return column("Next", null, "", lines.length === 0 ? [none] : lines);
}

function line(name: string, words: Html): Html {
  return html`<li><a href="/pipelines/${name}">${name}</a> <span>${words}</span></li>
`;
}

function column(
  title: string,
  count: number | null,
  show: string,
  lines: readonly Html[],
  tone: Tone = "calm",
  name: Icon | null = null,
): Html {
  const more = (count ?? 0) - lines.length;
  const all = `${count === null ? "" : `${count} `}${title}`;
  // Apart from what needs attention, a phone shows two lines only.
  const linked = lines.length > 0 && show !== "" ? html`<a href="/?show=${show}">${all}</a>` : all;
  const words = html`${name === null ? "" : icon(name)}${linked}`;
  return html`<section class="${tone}"><h2>${words}</h2><ul>
${lines}${more > 0 ? html`<li><a href="/?show=${show}">and ${more} more</a></li>` : ""}</ul></section>`;
}
