// Instants and durations as people read them. Those that change with time are coarse, so that a page whose content has
// not changed keeps its ETag and is not sent again.
import { html } from "hono/html";
import { formatDuration } from "../../pipeline/duration.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** In one unit, rounded down: `3 h`. */
function roughly(ms: number): string {
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < 2 * dayMs) return `${Math.floor(ms / hourMs)} h`;
  return `${Math.floor(ms / dayMs)} d`;
}

/** In one unit, and at least a minute. */
export function duration(since: number, now: number): string {
  return roughly(Math.max(minuteMs, now - since));
}

export function ago(at: number, now: number): string {
  return now - at < minuteMs ? "just now" : `${roughly(now - at)} ago`;
}

export function until(at: number, now: number): string {
  return at - now < minuteMs ? "in less than a minute" : `in ${roughly(at - now)}`;
}

/** `~9m`, for how long something usually takes. */
export function about(ms: number): string {
  if (ms < minuteMs) return `~${Math.max(1, Math.round(ms / 1_000))}s`;
  const minutes = Math.round(ms / minuteMs);
  if (minutes < 60) return `~${minutes}m`;
  return `~${Math.floor(minutes / 60)}h${minutes % 60 === 0 ? "" : ` ${minutes % 60}m`}`;
}

/** How long something has been under way. */
export function elapsed(since: number, now: number): string {
  const ms = Math.max(0, now - since);
  if (ms < minuteMs) return `${Math.floor(ms / 1_000)}s`;
  return ms < hourMs ? formatDuration(floorTo(ms, 10_000)) : formatDuration(floorTo(ms, minuteMs));
}

function floorTo(ms: number, unitMs: number): number {
  return Math.floor(ms / unitMs) * unitMs;
}

const iso = (at: number) => new Date(at).toISOString();

/** `2026-11-21 03:00 UTC`. */
export function exact(at: number): string {
  return `${toMinute(at)} UTC`;
}

/** Without the time zone, for columns. */
export function toMinute(at: number): string {
  return iso(at).slice(0, 16).replace("T", " ");
}

/** Words for an instant, with the exact one as a tooltip. */
export function time(at: number, words: string) {
  return html`<time datetime="${iso(at)}" title="${exact(at)}">${words}</time>`;
}

/** The instant itself. live.js shows it in the reader's time zone. */
export function instant(at: number, words = exact(at)) {
  return html`<time class="at" datetime="${iso(at)}" title="${exact(at)}">${words}</time>`;
}

export function timeAgo(at: number, now: number) {
  return time(at, ago(at, now));
}

export function timeUntil(at: number, now: number) {
  return time(at, until(at, now));
}
