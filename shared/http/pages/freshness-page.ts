// GET /freshness: every image, what is behind, since when, and because of what.
import { html } from "hono/html";
import { imageName } from "../../image/image.ts";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { freshnessOf, type StepFreshness } from "../../run/freshness-of.ts";
import type { Look, PipelineState } from "../../run/state.ts";
import { join } from "./facts.ts";
import { statusLabel } from "./icons.ts";
import type { Html, Page } from "./layout.ts";
import type { PipelineEntry } from "./pipeline-entry.ts";
import { table } from "./scroll-area.ts";
import type { Status } from "./status.ts";
import { timeAgo } from "./times.ts";

type Row = StepFreshness & { pipeline: string; lookedAt: number };

const statuses: Record<Row["state"], Status> = {
  stale: { word: "stale", tone: "soon", icon: "due" },
  behind: { word: "behind", tone: "soon", icon: "due" },
  unknown: { word: "unknown", tone: "calm", icon: "never" },
  fresh: { word: "fresh", tone: "good", icon: "done" },
};
const order = ["stale", "behind", "unknown", "fresh"];

export function freshnessPage(entries: readonly PipelineEntry[], now: number): Page {
  const rows = entries.flatMap(({ pipeline, state }) =>
    state.look === null ? [] : rowsOf(pipeline, state, state.look),
  );
  const sorted = rows.toSorted(
    (one, other) =>
      order.indexOf(one.state) - order.indexOf(other.state) ||
      (one.since ?? now) - (other.since ?? now) ||
      imageName(one.step.image).localeCompare(imageName(other.step.image)),
  );
  const counts = Map.groupBy(sorted, ({ state }) => state);
  const summary =
    [...counts].map(([state, { length }]) => `${length} ${state}`).join(", ") || "no images yet";
  const columns = ["State", "Image", "Since", "Because", "Pipeline", "Looked at"];
  const tableRows = sorted.map((row) => tableRow(row, now));
  return {
    title: `${summary} · Freshness · Tagrelay`,
    summary,
    live: "idle",
    content: html`<div class="top"><h1>Freshness</h1><p class="note">${summary}</p></div>
${sorted.length === 0 ? "" : table("Images", columns, tableRows)}
${lookNote(entries)}`,
  };
}

function rowsOf(pipeline: Pipeline, state: PipelineState, look: Look): Row[] {
  const images = freshnessOf(pipeline, look, state);
  return images.map((image) => ({ ...image, pipeline: pipeline.name, lookedAt: look.at }));
}

function tableRow({ step, state, since, because, pipeline, lookedAt }: Row, now: number): Html {
  const when = since === null ? "" : timeAgo(since, now);
  return html`<tr><td>${statusLabel(statuses[state])}<th scope="row">${imageName(step.image)}<td>${when}<td>${because}<td><a href="/pipelines/${pipeline}">${pipeline}</a><td>${timeAgo(lookedAt, now)}
`;
}

/** The pipelines that are not in the table. */
function lookNote(entries: readonly PipelineEntry[]): Html {
  const missing = entries.filter(({ state }) => state.look === null);
  const planned = missing.filter(({ pipeline }) => pipeline.lookEveryMs !== null);
  const never = missing.filter(({ pipeline }) => pipeline.lookEveryMs === null);
  return html`${planned.length === 0 ? "" : html`<p class="note">Soon to be looked at: ${names(planned)}.</p>`}
${never.length === 0 ? "" : html`<p class="note">Not looked at, for lack of <code>look: 24h</code>: ${names(never)}.</p>`}`;
}

const maxNames = 10;

function names(entries: readonly PipelineEntry[]): Html {
  const shown = entries
    .slice(0, maxNames)
    .map(({ pipeline: { name } }) => html`<a href="/pipelines/${name}">${name}</a>`);
  const more = entries.length - shown.length;
  return html`${join(shown, html`, `)}${more > 0 ? ` and ${more} more` : ""}`;
}
