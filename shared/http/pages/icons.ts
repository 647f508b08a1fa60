// The icons of statuses, drawn once per page and used by name. Fonts do not agree on characters for them.
import { html } from "hono/html";
import type { Icon, Status } from "./status.ts";

const disc = html`<circle cx="8" cy="8" r="7" fill="currentColor"/>`;
const ring = html`<circle cx="8" cy="8" r="6" fill="none" class="pen"/>`;
const dashedRing = html`<circle cx="8" cy="8" r="6" fill="none" stroke-dasharray="2 2.7" class="pen"/>`;
const cut = (path: string) => html`<path d="${path}" fill="none" class="cut"/>`;
const line = (path: string) => html`<path d="${path}" fill="none" class="pen"/>`;

const drawings = {
  done: html`${disc}${cut("M4.8 8.3l2.2 2.2 4.2-4.6")}`,
  failed: html`${disc}${cut("M5.5 5.5l5 5m0-5l-5 5")}`,
  building: html`${ring}<path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/>`,
  due: html`${ring}${line("M8 4.5V8l2.4 1.6")}`,
  waiting: ring,
  skipped: html`${ring}${line("M3.8 12.2l8.4-8.4")}`,
  cancelled: html`${disc}${cut("M5 8h6")}`,
  never: dashedRing,
} satisfies Record<Icon, typeof disc>;

const symbols = Object.entries(drawings).map(
  ([name, drawing]) => html`<symbol id="i-${name}" viewBox="0 0 16 16">${drawing}</symbol>`,
);

export const icons = html`<svg class="sprite" width="0" height="0" aria-hidden="true">${symbols}</svg>`;

export function icon(name: Icon) {
  return html`<svg class="icon i-${name}" aria-hidden="true"><use href="#i-${name}"/></svg>`;
}

/** The icon and the word of a status, in its colour. */
export function statusLabel({ word, tone, icon: name }: Status) {
  return html`<span class="state ${tone}">${icon(name)}${word}</span>`;
}
