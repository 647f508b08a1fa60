// A wide table or drawing that scrolls by itself. It can be focused, so that the keyboard scrolls it, too.
import { html } from "hono/html";
import type { Html } from "./layout.ts";

export function scrollArea(label: string, content: Html, kind = ""): Html {
  return html`<div class="scroll${kind}" tabindex="0" role="group" aria-label="${label}">${content}</div>`;
}

/** A table that is what a page is for: it scrolls with the page, and sideways by itself. */
export function mainTable(label: string, columns: readonly string[], rows: readonly Html[]): Html {
  return scrollArea(label, rowsBelow(columns, rows), " main");
}

/** A table of rows, each with its own cells. */
export function table(label: string, columns: readonly string[], rows: readonly Html[]): Html {
  return scrollArea(label, rowsBelow(columns, rows));
}

function rowsBelow(columns: readonly string[], rows: readonly Html[]): Html {
  const heads = columns.map((column) => html`<th scope="col">${column}`);
  return html`<table><thead><tr>${heads}
<tbody>${rows}</table>`;
}
