// The icons of states, drawn once a page and used by name: fonts do not agree on characters for them.
import { html } from "hono/html";
import type { Icon, Told } from "./tell-state.ts";

export const icons = html`<svg class="sprite" width="0" height="0" aria-hidden="true"><symbol id="i-done" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.8 8.3l2.2 2.2 4.2-4.6" fill="none" class="cut"/></symbol><symbol id="i-failed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M5.5 5.5l5 5m0-5l-5 5" fill="none" class="cut"/></symbol><symbol id="i-building" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" class="pen"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/></symbol><symbol id="i-due" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" class="pen"/><path d="M8 4.5V8l2.4 1.6" fill="none" class="pen"/></symbol><symbol id="i-waiting" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" class="pen"/></symbol><symbol id="i-skipped" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" class="pen"/><path d="M3.8 12.2l8.4-8.4" fill="none" class="pen"/></symbol><symbol id="i-cancelled" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M5 8h6" fill="none" class="cut"/></symbol><symbol id="i-never" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke-dasharray="2 2.7" class="pen"/></symbol></svg>`;

export function icon(name: Icon) {
  return html`<svg class="icon i-${name}" aria-hidden="true"><use href="#i-${name}"/></svg>`;
}

/** The state's icon and word, in its colour. */
export function state({ word, tone, icon: name }: Told) {
  return html`<span class="state ${tone}">${icon(name)}${word}</span>`;
}
