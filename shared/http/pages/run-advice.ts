// What whoever is paged needs first: what failed or waits, what that holds up, what happens next, and the command to use.
import { html } from "hono/html";
import { withDescendants } from "../../pipeline/graph.ts";
import { findStep, type Pipeline } from "../../pipeline/pipeline.ts";
import { isUnderWay, type PipelineState, reasonOf, type StepRun } from "../../run/state.ts";
import { nameSome, pluralize } from "./describe.ts";
import { stepDuration } from "./durations.ts";
import type { Html } from "./layout.ts";
import { nextStartOf } from "./next-start.ts";
import { buildLink, linkToStep } from "./run-steps.ts";
import type { RunView } from "./run-view.ts";
import type { Tone } from "./status.ts";

const maxSteps = 5;

export function runAdvice(view: RunView, now: number): Html {
  const { run } = view;
  if (run.status === "failed") return adviceOnFailure(view, now);
  const gates = run.status === "running" ? approvalsOf(view) : [];
  if (gates.length > 0) {
    const commands = gates.slice(0, maxSteps).map(({ name }) => command(`approve ${run.id} ${name}`));
    return panel("soon", "Waits for an approval", [
      stepList(gates, view, now),
      html`<p>Approve it with the button of the step, or with ${commands}</p>`,
    ]);
  }
  if (run.status !== "running" || run.stalledAt === null) return html``;
  return panel("soon", "Stalled", [
    stepList(run.steps.filter(isUnderWay), view, now),
    heldUp(run.steps.filter(isUnderWay), view),
    html`<p>The run continues as soon as the images are pushed. Until then, check the builder. To give up, cancel the run, or use ${command(`cancel ${run.id}`)}</p>`,
  ]);
}

function adviceOnFailure(view: RunView, now: number): Html {
  const { run, isLatest } = view;
  const failed = run.steps.filter(({ state }) => state === "failed");
  const title =
    failed.length > 1 ? `${failed.length} steps failed` : `${failed[0]?.name ?? "The run"} failed`;
  return panel("bad", title, [
    stepList(failed, view, now),
    heldUp(failed, view),
    isLatest
      ? howToRetry(view, now)
      : html`<p>Another run has started since. <a href="/pipelines/${run.pipeline}">See how the pipeline is now</a></p>`,
  ]);
}

function howToRetry({ run, pipeline, state }: RunView, now: number): Html {
  if (pipeline === null) return html`<p>The configuration no longer has this pipeline.</p>`;
  const next = state === null ? "" : html` ${whatIsNext(pipeline, state, now)}`;
  return html`<p>Once the cause is fixed, retry: that builds what failed and what comes after it, and keeps what is done. Use <em>Retry</em> above, or ${command(`retry ${run.id}`)}${next}</p>`;
}

function whatIsNext(pipeline: Pipeline, state: PipelineState, now: number): Html {
  const { schedule, after, source } = pipeline;
  if (schedule !== null || after.length > 0 || state.queuedRun !== null) {
    return html`Next start: ${nextStartOf(pipeline, state, now)}.`;
  }
  return source === null
    ? html`Nothing starts it again by itself.`
    : html`The next push to ${source.repository} starts it again.`;
}

function approvalsOf({ run, pipeline }: RunView): StepRun[] {
  if (pipeline === null) return [];
  return run.steps.filter(
    (stepRun) => isUnderWay(stepRun) && findStep(pipeline, stepRun.name)?.trigger.kind === "approval",
  );
}

function panel(tone: Tone, title: string, parts: readonly Html[]): Html {
  return html`<section class="advice ${tone}" aria-labelledby="advice"><h2 id="advice">${title}</h2>
${parts}</section>
`;
}

function stepList(steps: readonly StepRun[], { run }: RunView, now: number): Html {
  const items = steps.slice(0, maxSteps).map((stepRun) => {
    const { name, attempts } = stepRun;
    const why = reasonOf(stepRun);
    const took = stepDuration(stepRun, run, now);
    const tried =
      attempts === 0 ? "" : ` (${pluralize(attempts, "attempt")}${took === "" ? "" : `, ${took}`})`;
    return html`<li><a href="${linkToStep(name, run)}">${name}</a>${tried}${why === null ? "" : html`: ${why}`}${buildLink(stepRun)}</li>
`;
  });
  const more = steps.length - maxSteps;
  return html`<ul>
${items}${more > 0 ? html`<li>and ${more} more</li>` : ""}</ul>`;
}

function heldUp(steps: readonly StepRun[], { pipeline, run }: RunView): Html {
  const names = new Set(steps.map(({ name }) => name));
  const reached = withDescendants(pipeline?.steps ?? [], [...names]);
  const held = run.steps.filter(({ name }) => reached.has(name) && !names.has(name));
  if (held.length === 0) return html``;
  return html`<p>That holds up ${nameSome(
    held.map(({ name }) => name),
    5,
  )}</p>`;
}

function command(words: string): Html {
  return html`<code>tagrelay ${words}</code> `;
}
