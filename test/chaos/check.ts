// Holds a run, as the program tells it, against what truly happened. Pure.
import { lookUpsAtMost } from "../../shared/core/timing.ts";
import type { RunView, StepView } from "./api.ts";
import type { ChaosPipeline, ChaosStep } from "./pipelines.ts";
import { explainRepeat, isBlind, type Reason } from "./repeats.ts";
import type { Trigger, Truth } from "./truth.ts";

export type Verdict = {
  violations: string[];
  repeats: (Reason | "unexplained")[];
  /** Steps that were ready and never triggered. */
  lost: number;
};

/** A trigger that has left may come to the proxy a moment after its run has ended. */
const lagMs = 1_000;
/** A push so shortly before the end may have come after the last look-up. */
const lastLookMs = 3_000;

/** All runs of a pipeline, oldest first. `isCalm` says that a run still active is stuck. */
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
      .concat(early.map(({ image }) => `${image} was triggered before there was a run`)),
    repeats: verdicts.flatMap(({ repeats }) => repeats),
    lost: verdicts.reduce((all, { lost }) => all + lost, 0),
  };
}

/** `nextBeginsAt` is when the pipeline's next run began, if there is one. */
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
  if (run.status === "cancelled") wrong.push("nobody has cancelled it, and it says cancelled");
  for (const step of pipeline.steps) {
    const triggers = sentWithin(truth, step.image, beginsAt, nextBeginsAt);
    wrong.push(...checkOrder(pipeline, step, triggers, beginsAt, truth));
    for (const { sentAt } of triggers) {
      if (sentAt > endsAt + lagMs)
        wrong.push(`${step.name} was triggered ${sentAt - endsAt} ms after its end`);
    }
    if (run.status === "succeeded" && !isPushed(truth, step.image, beginsAt, endsAt)) {
      wrong.push(`it says succeeded, and ${step.name} was not pushed in it`);
    }
    for (const [again, reason] of explainRepeats(run, step, triggers, truth)) {
      verdict.repeats.push(reason ?? "unexplained");
      if (reason !== null) continue;
      wrong.push(`${step.name} was triggered again at ${iso(again.sentAt)}, and nothing explains it`);
    }
    const told = run.steps.find(({ name }) => name === step.name);
    if (told === undefined) wrong.push(`it does not tell of step ${step.name}`);
    else if (isLost(step, told, run, isCalm && triggers.length === 0)) {
      verdict.lost += 1;
      wrong.push(`${step.name} was ready and was never triggered`);
    } else if (told.state === "failed") wrong.push(...checkFailure(step, told, triggers, truth));
  }
  verdict.violations = wrong.map((what) => `run ${run.id}: ${what}`);
  return verdict;
}

/** What the program has sent for an image, not what the proxy has copied. */
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

/** A step of a run that is over was never tried; one of a run that is stuck never came to the Hub. */
function isLost(step: ChaosStep, told: StepView, run: RunView, isMissing: boolean): boolean {
  const isReady = step.after.every((name) =>
    run.steps.some((before) => before.name === name && before.state === "done"),
  );
  if (!isReady || told.state === "done") return false;
  return run.status === "running" ? isMissing : told.attempts === 0;
}

/** What is wrong with a step's failure: nothing, where cuts, kills and failed builds are enough for it. */
function checkFailure(
  { name, image }: ChaosStep,
  told: StepView,
  received: readonly Trigger[],
  truth: Truth,
): string[] {
  const from = Date.parse(told.triggeredAt ?? "");
  const to = Date.parse(told.failedAt ?? "");
  const says = `${name} says failed (${told.reason})`;
  if (Number.isNaN(from) || Number.isNaN(to)) return [`${says}, and not when`];
  const isWithin = (asked: { at: number; image: string }) =>
    asked.image === image && asked.at >= from && asked.at <= to;
  const blind = truth.lookUps.filter((lookUp) => isWithin(lookUp) && isBlind(lookUp.fault));
  if (isPushed(truth, image, from, to - lastLookMs) && blind.length < lookUpsAtMost) {
    return [`${says}, and was pushed`];
  }
  const cut = truth.cutTriggers.filter(isWithin).length;
  const kills = truth.kills.filter((at) => at >= from && at <= to).length;
  const missing = told.attempts - received.length - cut - kills;
  if (missing <= 0) return [];
  return [`${says}, and of its ${told.attempts} attempts ${missing} were neither sent, cut nor killed`];
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
