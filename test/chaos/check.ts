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

/** All runs of a pipeline, oldest first. */
export function checkPipeline(pipeline: ChaosPipeline, runs: readonly RunView[], truth: Truth): Verdict {
  const begins = runs.map(({ startedAt }) => Date.parse(startedAt));
  const verdicts = runs.map((run, index) => checkRun(pipeline, run, truth, begins[index + 1] ?? null));
  const images = new Set(pipeline.steps.map(({ image }) => image));
  const early = truth.triggers.filter(
    ({ image, isCopy, sentAt }) =>
      images.has(image) && !isCopy && sentAt < (begins[0] ?? Number.POSITIVE_INFINITY),
  );
  return {
    violations: verdicts
      .flatMap(({ violations }) => violations)
      .concat(early.map(({ image }) => `${image} was triggered before there was a run`)),
    repeats: verdicts.flatMap(({ repeats }) => repeats),
    lost: verdicts.reduce((all, { lost }) => all + lost, 0),
  };
}

/** `nextBeginsAt` is when the pipeline's next run began; null for the latest. */
export function checkRun(
  pipeline: ChaosPipeline,
  run: RunView,
  truth: Truth,
  nextBeginsAt: number | null,
): Verdict {
  const verdict: Verdict = { violations: [], repeats: [], lost: 0 };
  const beginsAt = Date.parse(run.startedAt);
  const endsAt = run.endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(run.endedAt);
  const wrong = (what: string) => verdict.violations.push(`run ${run.id}: ${what}`);
  const isPushed = (image: string, from: number, to: number) =>
    (truth.pushes.get(image) ?? []).some((at) => at >= from && at <= to);

  if (run.status === "cancelled") wrong("nobody has cancelled it, and it says cancelled");
  for (const step of pipeline.steps) {
    const triggers = truth.triggers.filter(
      ({ image, isCopy, sentAt }) =>
        image === step.image &&
        !isCopy &&
        sentAt >= beginsAt &&
        sentAt < (nextBeginsAt ?? Number.POSITIVE_INFINITY),
    );
    for (const { sentAt } of triggers) {
      if (sentAt > endsAt + lagMs)
        wrong(`${step.name} was triggered ${sentAt - endsAt} ms after it had ended`);
      for (const name of step.after) {
        const { image } = findStep(pipeline, name);
        if (!isPushed(image, beginsAt, sentAt)) {
          wrong(`${step.name} was triggered at ${iso(sentAt)}, before ${name} was pushed in this run`);
        }
      }
    }
    for (const [index, again] of triggers.slice(1).entries()) {
      const before = triggers.slice(index)[0];
      const reason = before === undefined ? null : explainRepeat(run.id, step, before, again, truth);
      verdict.repeats.push(reason ?? "unexplained");
      if (reason === null)
        wrong(`${step.name} was triggered again at ${iso(again.sentAt)}, and nothing explains it`);
    }
    if (run.status === "succeeded" && !isPushed(step.image, beginsAt, endsAt)) {
      wrong(`it says succeeded, and ${step.name} was not pushed in it`);
    }
    const told = run.steps.find(({ name }) => name === step.name);
    if (told === undefined) wrong(`it does not tell of step ${step.name}`);
    else if (run.status !== "running" && isLost(step, told, run)) {
      verdict.lost += 1;
      wrong(`${step.name} was ready and was never triggered`);
    } else if (told.state === "failed") {
      const why = explainFailure(step, told, triggers, truth);
      if (why !== null) wrong(`${step.name} says failed (${told.reason}), ${why}`);
    }
  }
  return verdict;
}

function findStep({ steps }: ChaosPipeline, name: string): ChaosStep {
  const found = steps.find((step) => step.name === name);
  if (found === undefined) throw new Error(`expected a step ${name}`);
  return found;
}

function isLost(step: ChaosStep, told: StepView, run: RunView): boolean {
  const isReady = step.after.every((name) =>
    run.steps.some((before) => before.name === name && before.state === "done"),
  );
  return isReady && told.attempts === 0;
}

/** What is wrong with a step's failure; null where cuts, kills and failed builds are enough for it. */
function explainFailure(
  step: ChaosStep,
  told: StepView,
  received: readonly Trigger[],
  truth: Truth,
): string | null {
  const from = Date.parse(told.triggeredAt ?? "");
  const to = Date.parse(told.failedAt ?? "");
  if (Number.isNaN(from) || Number.isNaN(to)) return "and not when";
  const isWithin = (at: number) => at >= from && at <= to;
  const pushedAt = truth.pushes.get(step.image)?.find((at) => at >= from && at < to - lastLookMs);
  const blind = truth.lookUps.filter(
    ({ image, at, fault }) => image === step.image && isWithin(at) && isBlind(fault),
  );
  if (pushedAt !== undefined && blind.length < lookUpsAtMost) return `and was pushed at ${iso(pushedAt)}`;
  const cut = truth.cutTriggers.filter(({ image, at }) => image === step.image && isWithin(at)).length;
  const kills = truth.kills.filter(isWithin).length;
  const missing = told.attempts - received.length - cut - kills;
  if (missing > 0) return `and of its ${told.attempts} attempts ${missing} were neither sent, cut nor killed`;
  return null;
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
