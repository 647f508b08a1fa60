// The forms that start, cancel and retry runs. They work without a script. Each has an id, so that an update replaces one by
// another instead of changing what the button under a finger does.
import { html } from "hono/html";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { type Html, signInPath } from "./layout.ts";

export function startButton({ name, steps }: Pipeline): Html {
  const options = steps.map((step) => html`<option>${step.name}</option>`);
  return html`<form id="do-start" class="do" method="post" action="/pipelines/${name}/runs"><label>From <select name="from"><option value="">the start</option>${options}</select></label> <button>Start run</button></form>`;
}

export function startFromButton(step: string): Html {
  return html`<button class="plain" form="start" name="from" value="${step}" aria-label="Start from here, ${step}">Start from here</button>`;
}

/** One form for the buttons of all steps: a page may have hundreds. */
export function startFromForm(pipeline: string): Html {
  return html`<form id="start" method="post" action="/pipelines/${pipeline}/runs"></form>
`;
}

export function cancelButton(runId: string): Html {
  return html`<form id="do-cancel" class="do" method="post" action="/runs/${runId}/cancel"><button class="bad">Cancel run</button></form>`;
}

export function retryButton(runId: string): Html {
  return html`<form id="do-retry" class="do" method="post" action="/runs/${runId}/retry"><button>Retry</button></form>`;
}

export function approveButton(runId: string, step: string): Html {
  return html`<form method="post" action="/runs/${runId}/approve"><input type="hidden" name="step" value="${step}"><button aria-label="Approve ${step}">Approve</button></form>`;
}

export function rollBackButton(runId: string): Html {
  return html`<details id="do-roll-back" class="do"><summary>Roll back…</summary><form method="post" action="/runs/${runId}/rollback"><p class="note">Points the tags that this run pushed back to what they pointed to before.</p><button class="bad">Roll back</button></form></details>`;
}

/** In place of a button. `action` completes "Sign in to …". */
export function signInTo(action: string, path: string): Html {
  return html`<p class="do"><a href="${signInPath(path)}">Sign in</a> to ${action}</p>`;
}
