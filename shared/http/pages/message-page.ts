// A page that says one thing: what was not found, or could not be done.
import { html } from "hono/html";
import type { Page } from "./layout.ts";

export function messagePage(title: string, detail: string): Page {
  return {
    title: `${title} · Tagrelay`,
    summary: title,
    live: null,
    content: html`<h1>${title}</h1><p>${detail}</p><p><a href="/">All pipelines</a></p>`,
  };
}
