// A list of facts: what it is, and its value.
import { html } from "hono/html";
import type { Html } from "./layout.ts";

/** `isLong` gives it the width of two. */
export type Fact = { name: string; value: Html; isLong?: boolean };

/** Leaves out what is null. */
export function factList(facts: readonly (Fact | null)[]): Html {
  const items = facts
    .filter((fact) => fact !== null)
    .map(
      ({
        name,
        value,
        isLong = false,
      }) => html`<div${isLong ? html` class="long"` : ""}><dt>${name}</dt><dd>${value}</dd></div>
`,
    );
  return html`<dl class="facts">
${items}</dl>`;
}

/** Puts a separator between items. */
export function join(items: readonly Html[], separator: Html): Html {
  return html`${items.map((item, index) => (index === 0 ? item : html`${separator}${item}`))}`;
}
