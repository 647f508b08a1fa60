// Compares the runs that the program reports with what really happened. Pure.
import { maxLookUps } from "../../shared/run/timing.ts";
import type { RunView, StepView } from "./api.ts";
import { explainRepeat, isBlind, type Reason } from "./explain-repeat.ts";
import type { Trigger, Truth } from "./observed.ts";
import type { ChaosPipeline, ChaosStep } from "./pipelines.ts";

export type Verdict = {
  violations: string[];
  repeats: (Reason | "unexplained")[];
  /** Steps that were ready but never triggered. */
  lost: number;
};

/** A sent trigger may reach the proxy a moment after its run has ended. */
const lagMs = 1_000;
/** A push this shortly before the end may have come after the last look-up. */
const lastLookMs = 3_000;

/** `runs` are all runs of a pipeline, oldest first. If `isCalm`, a run that is still active is stuck. */
export function checkPipeline(
  pipeline: ChaosPipeline,
  runs: readonly RunView[],
  truth: Truth,
  isCalm: boolean,
): Verdict {
  const begins = runs.map(({ startedAt }) => Date.parse(startedAt));
  const verdicts = runs.map((run, index) => checkRun(pipeline, run, truth, begins[index + 1], isCalm));
  const early = pipeline.steps.flatMap(({ image }) =>
    sentWithin(truth, image, Number.NEGATIVE_INFINITY, begins[0]),
  );
  return {
    violations: verdicts
      .flatMap(({ violations }) => violations)
      .concat(early.map(({ image }) => `${image} was triggered before the first run`)),
    repeats: verdicts.flatMap(({ repeats }) => repeats),
    lost: verdicts.reduce((all, { lost }) => all + lost, 0),
  };
}

/** `nextBeginsAt` is the start of the pipeline's next run, if there is one. */
export function checkRun(
  pipeline: ChaosPipeline,
  run: RunView,
  truth: Truth,
  nextBeginsAt?: number,
  isCalm = false,
): Verdict {
  const beginsAt = Date.parse(run.startedAt);
  const endsAt = run.endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(run.endedAt);
  const verdict: Verdict = { violations: [], repeats: [], lost: 0 };
  const wrong: string[] = [];
  if (run.status === "cancelled") wrong.push("it is cancelled, but nobody cancelled it");
  for (const step of pipeline.steps) {
    const triggers = sentWithin(truth, step.image, beginsAt, nextBeginsAt);
    wrong.push(...checkOrder(pipeline, step, triggers, beginsAt, truth));
    for (const { sentAt } of triggers) {
      if (sentAt > endsAt + lagMs)
        wrong.push(`${step.name} was triggered ${sentAt - endsAt} ms after the end of the run`);
    }
    if (run.status === "succeeded" && !isPushed(truth, step.image, beginsAt, endsAt)) {
      wrong.push(`it succeeded, but ${step.name} was not pushed in it`);
    }
    for (const [again, reason] of explainRepeats(run, step, triggers, truth)) {
      verdict.repeats.push(reason ?? "unexplained");
      if (reason !== null) continue;
      wrong.push(`${step.name} was triggered again at ${iso(again.sentAt)}, without a reason`);
    }
    const stepRun = run.steps.find(({ name }) => name === step.name);
    if (stepRun === undefined) wrong.push(`step ${step.name} is missing`);
    else if (isLost(step, stepRun, run, isCalm && triggers.length === 0)) {
      verdict.lost += 1;
      wrong.push(`${step.name} was ready but was never triggered`);
    } else if (stepRun.state === "failed") wrong.push(...checkFailure(step, stepRun, triggers, truth));
  }
  verdict.violations = wrong.map((what) => `run ${run.id}: ${what}`);
  return verdict;
}

/** Triggers that the program sent for an image, without the proxy's copies. */
function sentWithin(
  { triggers }: Truth,
  wanted: string,
  from: number,
  to = Number.POSITIVE_INFINITY,
): Trigger[] {
  return triggers.filter(
    ({ image, isCopy, sentAt }) => image === wanted && !isCopy && sentAt >= from && sentAt < to,
  );
}

function isPushed({ pushes }: Truth, image: string, from: number, to: number): boolean {
  return (pushes.get(image) ?? []).some((at) => at >= from && at <= to);
}

function checkOrder(
  { steps }: ChaosPipeline,
  step: ChaosStep,
  triggers: readonly Trigger[],
  beginsAt: number,
  truth: Truth,
): string[] {
  const before = steps.filter(({ name }) => step.after.includes(name));
  return triggers.flatMap(({ sentAt }) =>
    before
      .filter(({ image }) => !isPushed(truth, image, beginsAt, sentAt))
      .map(
        ({ name }) => `${step.name} was triggered at ${iso(sentAt)}, before ${name} was pushed in this run`,
      ),
  );
}

function explainRepeats(
  run: RunView,
  step: ChaosStep,
  triggers: readonly Trigger[],
  truth: Truth,
): [Trigger, Reason | null][] {
  return triggers.flatMap((again, index): [Trigger, Reason | null][] => {
    const before = index === 0 ? undefined : triggers[index - 1];
    return before === undefined ? [] : [[again, explainRepeat(run.id, step, before, again, truth)]];
  });
}

/** In a run that is over, the step was never attempted; in a stuck run, no trigger reached the Hub. */
function isLost(step: ChaosStep, stepRun: StepView, run: RunView, isMissing: boolean): boolean {
  const isReady = step.after.every((name) =>
    run.steps.some((before) => before.name === name && before.state === "done"),
  );
  if (!isReady || stepRun.state === "done") return false;
  return run.status === "running" ? isMissing : stepRun.attempts === 0;
}

/** Why the step should not have failed; nothing if cuts, kills and failed builds explain the failure. */
function checkFailure(
  { name, image }: ChaosStep,
  stepRun: StepView,
  received: readonly Trigger[],
  truth: Truth,
): string[] {
  const from = Date.parse(stepRun.triggeredAt ?? "");
  const to = Date.parse(stepRun.failedAt ?? "");
  const failure = `${name} failed (${stepRun.reason})`;
  if (Number.isNaN(from) || Number.isNaN(to)) return [`${failure}, but not when`];
  const isWithin = (seen: { at: number; image: string }) =>
    seen.image === image && seen.at >= from && seen.at <= to;
  const blind = truth.lookUps.filter((lookUp) => isWithin(lookUp) && isBlind(lookUp.fault));
  if (isPushed(truth, image, from, to - lastLookMs) && blind.length < maxLookUps) {
    return [`${failure}, but was pushed`];
  }
  const cut = truth.cutTriggers.filter(isWithin).length;
  const kills = truth.kills.filter((at) => at >= from && at <= to).length;
  const missing = stepRun.attempts - received.length - cut - kills;
  if (missing <= 0) return [];
  return [
    `${failure}, but ${missing} of its ${stepRun.attempts} attempts were neither received, cut nor killed`,
  ];
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
