// A page with one message, such as an error.
import { html } from "hono/html";
import type { Page } from "./layout.ts";

export function messagePage(title: string, detail: string): Page {
  const capitalized = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}`;
  return {
    title: `${title} · Tagrelay`,
    summary: title,
    live: null,
    content: html`<h1>${title}</h1><p>${capitalized}</p><p><a href="/">All pipelines</a></p>`,
  };
}
