// Handles `tick`: the sweep found that something is due.
import { findStep, hasImage, type Pipeline } from "../pipeline/pipeline.ts";
import { lookAtStep, triggerOf } from "./advance.ts";
import { buildToLookUp } from "./build-to-look-up.ts";
import { repeatDueConfirmations } from "./confirm.ts";
import { advanced, advancedOutcome, ignored } from "./decision.ts";
import type { Action, Decision } from "./event.ts";
import { imageVariantIn } from "./image-variant.ts";
import { lookIfDue } from "./on-freshness.ts";
import { wakePromotion } from "./on-promotion.ts";
import { startQueuedRun } from "./on-start.ts";
import { retryDueEntries } from "./outbox.ts";
import { reconcile } from "./reconcile.ts";
import { type ActiveRun, isUnderWay, type PipelineState } from "./state.ts";
import {
  deferForLookUp,
  isBeforeFirstTrigger,
  markOutcomeUnknown,
  retryOrTimeOut,
} from "./step-transitions.ts";

export function onTick(pipeline: Pipeline, given: PipelineState, now: number): Decision {
  const confirming = repeatDueConfirmations(pipeline, given, now);
  const retried = retryDueEntries(confirming.state, now);
  const promoting = wakePromotion(retried.state, now);
  const { state, actions } = lookIfDue(pipeline, promoting.state, now);
  const before = [...confirming.actions, ...retried.actions, ...promoting.actions, ...actions];
  if (state.run?.status === "running") {
    const run = reconcile(pipeline, state.run);
    const isDue = run.steps.some((stepRun) => isUnderWay(stepRun) && stepRun.wakeAt <= now);
    if (run !== state.run || isDue) return wakeSteps(pipeline, state, run, now, before);
  }
  if (state.run?.status !== "running" && state.queuedRun !== null) {
    const begun = startQueuedRun(pipeline, state, now);
    return { ...begun, actions: [...before, ...begun.actions] };
  }
  if (state === given && before.length === 0) return ignored(given, "nothing is due");
  return { state, outcome: advancedOutcome, actions: before, replacedRun: null };
}

function wakeSteps(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  now: number,
  before: Action[],
): Decision {
  const actions: Action[] = [];
  const steps = run.steps.map((stepRun) => {
    if (!isUnderWay(stepRun) || stepRun.wakeAt > now) return stepRun;
    if (stepRun.state === "triggering") return markOutcomeUnknown(stepRun, now);
    // advance() triggers these.
    if (isBeforeFirstTrigger(stepRun)) return stepRun;
    const step = findStep(pipeline, stepRun.name);
    if (stepRun.state === "due" && stepRun.phase === "checking") {
      if (step === undefined || !hasImage(step)) return stepRun;
      actions.push(lookAtStep(pipeline, run, state.completions, step, stepRun.attempts));
      return deferForLookUp(stepRun, now);
    }
    const asked = { runId: run.id, step: stepRun.name, attempt: stepRun.attempts };
    const build = buildToLookUp(stepRun, step);
    const isLast = step?.endedBy === "builder" && stepRun.giveUpAt !== null && stepRun.giveUpAt <= now;
    if (build !== null) actions.push({ kind: "lookUpBuild", ...asked, build, isLast });
    if (step?.endedBy === "builder") {
      if (build !== null) return deferForLookUp(stepRun, now);
      const woken = retryOrTimeOut(stepRun, step, now);
      if (woken.state === "triggering") actions.push(triggerOf(pipeline, run, state.completions, woken));
      return woken;
    }
    actions.push({ kind: "lookUpTag", ...asked, ...imageVariantIn(run) });
    return deferForLookUp(stepRun, now);
  });
  return advanced(pipeline, state, { ...run, steps }, now, [...before, ...actions]);
}
