// The steps of a run: the state of each, how long it took, its build, its evidence, its failed attempts and what it waits for.
import { html } from "hono/html";
import { localLimitOfTrigger } from "../../builders/builders.ts";
import { describeBase, shortDigest } from "../../evidence/evidence.ts";
import { findStep, type Step } from "../../pipeline/pipeline.ts";
import { findStepRun, isSettled, isUnderWay, type Run, reasonOf, type StepRun } from "../../run/state.ts";
import { stepBar } from "./bars.ts";
import { approveButton, startFromButton, startFromForm } from "./buttons.ts";
import { maxNames, nameSome } from "./describe.ts";
import { stepDuration } from "./durations.ts";
import { statusLabel } from "./icons.ts";
import type { Html, Viewer } from "./layout.ts";
import { type Group, listing } from "./listing.ts";
import type { RunView } from "./run-view.ts";
import { stepStatus } from "./status.ts";
import { timeUntil } from "./times.ts";

const groups: Group<StepRun>[] = [
  { key: "failed", label: "Failed", has: ({ state }) => state === "failed" },
  { key: "under-way", label: "Under way", has: isUnderWay },
  { key: "waiting", label: "Waiting", has: ({ state }) => state === "waiting" },
  { key: "skipped", label: "Skipped", has: ({ state }) => state === "skipped" },
  { key: "done", label: "Done", has: isSettled },
];

const shortened =
  "This run is so large that not all of it could be kept: reasons may end early, and links to builds and what images stand on may be missing.";

type Pushed = NonNullable<StepRun["pushed"]>;

/** So many steps need no filter. */
const perPage = 50;

export function runSteps(view: RunView, viewer: Viewer, now: number): Html {
  const { run, wanted } = view;
  const { shown, controls, pager } = listing(inOrder(run.steps), wanted, {
    path: `/runs/${run.id}`,
    anchor: "steps",
    searched: "name or image",
    noun: "step",
    groups,
    perPage,
    minItems: perPage,
    textOf: ({ name, image }) => `${name}\n${image ?? ""}`,
  });
  const canStart = viewer.isSignedIn && view.isIdle && view.pipeline !== null;
  return html`<section aria-labelledby="steps"><h2 id="steps">Steps</h2>
${run.isShortened === true ? html`<p class="note">${shortened}</p>` : ""}${controls}${canStart ? startFromForm(run.pipeline) : ""}${
  shown.length === 0
    ? ""
    : html`<ol class="steps">
${shown.map((stepRun) => stepItem(stepRun, view, viewer, now))}</ol>`
}
${pager}</section>`;
}

/** What failed is on the first of several pages. A single page keeps the order of the pipeline. */
function inOrder(steps: readonly StepRun[]): readonly StepRun[] {
  if (steps.length <= perPage) return steps;
  const { failed = [], others = [] } = Object.groupBy(steps, ({ state }) =>
    state === "failed" ? "failed" : "others",
  );
  return [...failed, ...others];
}

function stepItem(stepRun: StepRun, view: RunView, viewer: Viewer, now: number): Html {
  const { run, pipeline, isIdle } = view;
  const { name, image } = stepRun;
  const step = pipeline === null ? undefined : findStep(pipeline, name);
  const canStart = viewer.isSignedIn && isIdle && step !== undefined;
  return html`<li id="${stepId(name)}"><div class="head">${statusLabel(stepStatus(stepRun))}<h3>${name}</h3><span class="note">${image === name ? "" : (image ?? "gate")}</span></div>
<div class="line">${stepBar(run, stepRun, now)}</div>
<p class="meta">${details(stepRun, run, now)}${buildLink(stepRun)}${outputLink(stepRun, step, run, viewer)}</p>
${canApprove(stepRun, view, viewer) ? approveButton(run.id, name) : ""}${canStart ? startFromButton(name) : ""}${story(stepRun, step, run)}${tries(stepRun, run)}${reason(stepRun)}</li>
`;
}

/** Among many steps, it may be on another page. */
export function linkToStep(name: string, { steps }: Run): string {
  const query = steps.length > perPage ? `?${new URLSearchParams({ find: name }).toString()}` : "";
  return `${query}#${stepId(name)}`;
}

function stepId(name: string): string {
  return `s-${encodeURIComponent(name)}`;
}

function canApprove(stepRun: StepRun, { run, pipeline }: RunView, { isSignedIn }: Viewer): boolean {
  return (
    isSignedIn &&
    pipeline !== null &&
    run.status === "running" &&
    stepRun.image === null &&
    isUnderWay(stepRun)
  );
}

function details(stepRun: StepRun, run: Run, now: number): Html {
  const duration = stepDuration(stepRun, run, now);
  const attempts = stepRun.attempts > 1 ? `${stepRun.attempts} attempts` : "";
  const dueIn = stepRun.state === "due" && stepRun.dueAt > now ? html` ${timeUntil(stepRun.dueAt, now)}` : "";
  return html`${[duration, attempts].filter((words) => words !== "").join(", ")}${dueIn}`;
}

const maxNeeds = 5;

/**
 * One line below each step of an active run, whatever its state, so that nothing below it moves when that changes: what it waits for, what it was
 * not built for lack of, or what it was pushed as.
 */
function story(stepRun: StepRun, step: Step | undefined, run: Run): Html {
  if (stepRun.pushed !== null) return evidence(stepRun.pushed, stepRun.digestBefore);
  const after = step?.after ?? [];
  const bases = isUnderWay(stepRun) && after.length > 0 ? `After ${nameSome(after, maxNeeds)}` : "";
  const words = bases || needs(stepRun, step, run);
  if (words === "" && run.status !== "running") return html``;
  return html`<p class="evidence">${words}</p>
`;
}

/** What a step waits for, or what it was not built for lack of. */
function needs(stepRun: StepRun, step: Step | undefined, run: Run): string {
  if (stepRun.state !== "waiting" && stepRun.state !== "skipped") return "";
  const missing = (step?.after ?? []).filter((name) => {
    const before = findStepRun(run, name);
    return before !== undefined && !isSettled(before) && !(run.from !== null && before.state === "skipped");
  });
  if (missing.length === 0) return "";
  const words = stepRun.state === "waiting" ? "Waits for" : "Not built, because it comes after";
  return `${words} ${nameSome(missing, maxNeeds)}`;
}

/** In short what the step was pushed as and whether it stands on its bases, and all of it to open. */
function evidence({ digest, platforms, standsOn }: Pushed, before: string | null): Html {
  const verdicts = standsOn.map(({ base, digest: below, verdict }) => ({
    name: `${words[verdict]} ${describeBase(base)}`,
    below: below === null ? "" : `@${shortDigest(below)}`,
  }));
  const [first] = verdicts;
  const more = verdicts.length - maxNames;
  const all = [
    platforms.join(", "),
    ...verdicts.slice(0, maxNames).map(({ name, below }) => `${name}${below}`),
    more > 0 ? `and ${more} more` : "",
    changeOf(digest, before),
  ];
  const short = first === undefined ? "" : ` · ${first.name}`;
  return html`<details class="evidence"><summary><span class="name">${shortDigest(digest)}</span>${short}</summary><p class="name">${digest}</p><p>${all.filter((text) => text !== "").join(" · ")}</p></details>
`;
}

function changeOf(digest: string, before: string | null): string {
  if (before === null) return "";
  if (before === "absent") return "a new tag";
  return before === digest ? "the same as before" : `was ${shortDigest(before)}`;
}

const words = {
  proven: "built from",
  contradicted: "built from the older",
  unknown: "perhaps built from",
};

/** The URL comes from the builder. Only https becomes a link: others, such as `javascript:`, could harm the viewer. */
export function buildLink({ build }: StepRun): Html {
  if (build === null) return html``;
  const url = build.url === null ? null : URL.parse(build.url);
  if (url?.protocol !== "https:") {
    return html` build ${build.id}${build.builder === undefined ? "" : html` on <span class="name">${build.builder}</span>`}`;
  }
  return html` <a href="${url.href}" rel="noreferrer">build ${build.id}</a>`;
}

/** Only builds on the machine that runs Tagrelay have output. */
function outputLink(stepRun: StepRun, step: Step | undefined, run: Run, { isSignedIn }: Viewer): Html {
  const isLocal = step !== undefined && localLimitOfTrigger(step.trigger) !== null;
  if (!isSignedIn || !isLocal || stepRun.attempts === 0) return html``;
  return html` <a href="/runs/${run.id}?output=${encodeURIComponent(stepRun.name)}#output">output</a>`;
}

const maxTries = 5;
const maxTryLength = 300;

/** Why earlier attempts failed, as far as the log still has that. */
function tries(stepRun: StepRun, { log }: Run): Html {
  if (stepRun.attempts < 2) return html``;
  const now = reasonOf(stepRun);
  const failed = log.filter(({ step, reason }) => step === stepRun.name && reason !== null && reason !== now);
  if (failed.length === 0) return html``;
  const items = failed.slice(-maxTries).map(
    ({ attempt, reason }) => html`<li>Attempt ${attempt}: ${(reason ?? "").slice(0, maxTryLength)}</li>
`,
  );
  return html`<ul class="evidence">
${items}</ul>`;
}

function reason(stepRun: StepRun): Html {
  const words = reasonOf(stepRun);
  if (words === null) return html``;
  if (stepRun.state === "fresh") return html`<p class="meta">Not built: ${words}.</p>`;
  return html`<p class="reason${stepRun.state === "failed" ? "" : " soon"}">${words}</p>`;
}
