// Instants and durations as people read them. Coarse where they tick, so that a page in which nothing happens stays as
// it is, and need not be sent again.
import { html } from "hono/html";
import { formatDuration } from "../../core/duration.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `3 h`: one unit. */
function roughly(ms: number): string {
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < 2 * dayMs) return `${Math.floor(ms / hourMs)} h`;
  return `${Math.floor(ms / dayMs)} d`;
}

export function ago(at: number, now: number): string {
  return now - at < minuteMs ? "just now" : `${roughly(now - at)} ago`;
}

export function until(at: number, now: number): string {
  return at - now < minuteMs ? "in less than a minute" : `in ${roughly(at - now)}`;
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

/** `2026-11-21 03:00 UTC`: what a person compares. */
export function exact(at: number): string {
  return `${toMinute(at)} UTC`;
}

/** The same in short, where more of them stand below one another. */
export function toMinute(at: number): string {
  return iso(at).slice(0, 16).replace("T", " ");
}

/** The instant, in words that tell it roughly. */
export function time(at: number, words: string) {
  return html`<time datetime="${iso(at)}" title="${exact(at)}">${words}</time>`;
}

export function timeAgo(at: number, now: number) {
  return time(at, ago(at, now));
}

export function timeUntil(at: number, now: number) {
  return time(at, until(at, now));
}
