// GET /freshness: every image, what is behind, since when, and because of what.
import { html } from "hono/html";
import { imageName } from "../../image/image.ts";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { freshnessOf, type StepFreshness } from "../../run/freshness-of.ts";
import type { Look, PipelineState } from "../../run/state.ts";
import { maxNames } from "./describe.ts";
import { join } from "./facts.ts";
import { statusLabel } from "./icons.ts";
import type { Html, Page } from "./layout.ts";
import { type Group, listing, type Wanted } from "./listing.ts";
import type { PipelineEntry } from "./pipeline-entry.ts";
import { mainTable } from "./scroll-area.ts";
import type { Status } from "./status.ts";
import { timeAgo } from "./times.ts";

type Row = StepFreshness & { image: string; pipeline: string; lookedAt: number };

const statuses: Record<Row["state"], Status> = {
  stale: { word: "stale", tone: "soon", icon: "due" },
  behind: { word: "behind", tone: "soon", icon: "due" },
  unknown: { word: "unknown", tone: "calm", icon: "never" },
  fresh: { word: "fresh", tone: "good", icon: "done" },
};
/** What somebody should look at first. */
const order = ["stale", "behind", "unknown", "fresh"] as const;
const groups: Group<Row>[] = order.map((wanted) => ({
  key: wanted,
  label: `${wanted.slice(0, 1).toUpperCase()}${wanted.slice(1)}`,
  has: ({ state }) => state === wanted,
}));

export function freshnessPage(entries: readonly PipelineEntry[], wanted: Wanted, now: number): Page {
  const rows = entries.flatMap(({ pipeline, state }) =>
    state.look === null ? [] : rowsOf(pipeline, state, state.look),
  );
  const byState = Map.groupBy(rows, ({ state }) => state);
  const sorted = order.flatMap((state) => (byState.get(state) ?? []).toSorted(byAge));
  const counts = order.flatMap((state) => {
    const count = byState.get(state)?.length ?? 0;
    return count === 0 ? [] : `${count} ${state}`;
  });
  const summary = counts.join(", ") || "no images yet";
  const { shown, controls, pager } = listing(sorted, wanted, {
    path: "/freshness",
    searched: "image, pipeline, reason",
    noun: "image",
    groups,
    textOf: ({ image, pipeline, because }) => `${image}\n${pipeline}\n${because}`,
  });
  // The reason is last, because its length changes most.
  const columns = ["State", "Image", "Since", "Pipeline", "Looked at", "Because"];
  const tableRows = shown.map((row) => tableRow(row, now));
  return {
    title: `${summary} · Freshness · Tagrelay`,
    summary,
    live: "idle",
    content: html`<div class="top"><h1>Freshness</h1><p class="note">${summary}</p></div>
${controls}${shown.length === 0 ? "" : mainTable("Images", columns, tableRows)}
${pager}${lookNote(entries)}`,
  };
}

function rowsOf(pipeline: Pipeline, state: PipelineState, look: Look): Row[] {
  const images = freshnessOf(pipeline, look, state);
  return images.map((image) => ({
    ...image,
    image: imageName(image.step.image),
    pipeline: pipeline.name,
    lookedAt: look.at,
  }));
}

/** Those behind for the longest time first, and by name. */
function byAge(one: Row, other: Row): number {
  const [since, otherSince] = [one.since, other.since].map((at) => at ?? Number.MAX_SAFE_INTEGER);
  if (since !== otherSince) return (since ?? 0) - (otherSince ?? 0);
  // localeCompare takes half a second for thousands of images.
  return one.image < other.image ? -1 : Number(one.image > other.image);
}

function tableRow({ image, step, state, since, because, pipeline, lookedAt }: Row, now: number): Html {
  const when = since === null ? "" : timeAgo(since, now);
  return html`<tr id="i-${encodeURIComponent(`${pipeline}/${step.name}`)}"><td>${statusLabel(statuses[state])}<th scope="row">${image}<td>${when}<td><a href="/pipelines/${pipeline}">${pipeline}</a><td>${timeAgo(lookedAt, now)}<td>${because}
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

function names(entries: readonly PipelineEntry[]): Html {
  const shown = entries
    .slice(0, maxNames)
    .map(({ pipeline: { name } }) => html`<a href="/pipelines/${name}">${name}</a>`);
  const more = entries.length - shown.length;
  return html`${join(shown, html`, `)}${more > 0 ? ` and ${more} more` : ""}`;
}
