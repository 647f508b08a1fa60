// The answer to the button that rolls a run back: what came of each tag.
import { html } from "hono/html";
import type { RolledBackStep } from "../../relay/roll-back.ts";
import type { Page } from "./layout.ts";
import { table } from "./scroll-area.ts";

const words = { movedBack: "moved back", unchanged: "unchanged", failed: "failed" };

export function rolledBackPage(runId: string, steps: readonly RolledBackStep[]): Page {
  const rows = steps.map((step) => {
    const detail = step.outcome === "movedBack" ? step.digest : step.reason;
    return html`<tr><th scope="row">${step.image}<td>${words[step.outcome]}<td>${detail}
`;
  });
  return {
    title: "Rolled back · Tagrelay",
    summary: "Rolled back",
    live: null,
    content: html`<h1>Rolled back</h1>
${steps.length === 0 ? html`<p>The run pushed nothing.</p>` : table("Tags", ["Tag", "Result", "Detail"], rows)}
<p><a href="/runs/${runId}">Back to the run</a></p>`,
  };
}
