// Notes what a step's tag points to before its trigger is sent. Registries other than Docker Hub do not say when a tag was pushed,
// so a changed digest is what proves a push later. If a decision would trigger a step whose digest is not known yet, it is
// dropped, and the event is decided again with the answer: once the trigger is saved, it is sent at once.
import { isOnDockerHub } from "../image/image.ts";
import { findStep, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { findCompletion } from "./bases.ts";
import type { Decision, Event } from "./event.ts";
import { imageVariantIn } from "./image-variant.ts";
import { findStepRun, type PipelineState, type Run, type StepRun } from "./state.ts";

/** If digests are missing, returns a decision that only looks them up and saves nothing; otherwise adds them to the step runs. */
export function withDigestsBefore(
  pipeline: Pipeline,
  before: PipelineState,
  event: Event,
  decision: Decision,
  now: number,
): Decision {
  const { run } = decision.state;
  const triggered = decision.actions.flatMap((action) => (action.kind === "triggerStep" ? action.step : []));
  if (run === null || triggered.length === 0) return decision;
  const known = event.digestsBefore ?? [];
  const missing = triggered.filter((name) => {
    const step = findStep(pipeline, name);
    const isAnswered = known.some((one) => one.step === name);
    return step !== undefined && !isAnswered && isNeeded(run, step, findStepRun(run, name));
  });
  if (missing.length > 0) {
    const lookUp = {
      kind: "lookUpDigests",
      runId: run.id,
      steps: missing,
      event: asReceived(event, now),
      ...imageVariantIn(run),
    } as const;
    return { state: before, outcome: null, actions: [lookUp], replacedRun: null };
  }
  const steps = run.steps.map((stepRun): StepRun => {
    if (!triggered.includes(stepRun.name) || stepRun.digestBefore !== null) return stepRun;
    if (isNewCandidate(run, stepRun)) return { ...stepRun, digestBefore: "absent" };
    const digest = known.find(({ step }) => step === stepRun.name)?.digest ?? null;
    return { ...stepRun, digestBefore: digest ?? lastHubDigest(pipeline, decision.state, stepRun.name) };
  });
  return { ...decision, state: { ...decision.state, run: { ...run, steps } } };
}

/** The event is decided again after the look-up, and must not count for a trigger that is sent after the webhook arrived. */
function asReceived(event: Event, now: number): Event {
  return event.kind === "imagePushed" ? { ...event, receivedAt: event.receivedAt ?? now } : event;
}

function isNeeded(run: Run, { endedBy, image }: Step, stepRun: StepRun | undefined): boolean {
  if (image === null || endedBy !== "push" || stepRun?.digestBefore !== null) return false;
  return !isOnDockerHub(image) && !isNewCandidate(run, stepRun);
}

/** Nobody has pushed a candidate before its first trigger. */
function isNewCandidate({ promotion }: Run, { attempts }: StepRun): boolean {
  return promotion !== null && attempts === 1;
}

/** Docker Hub says when a tag was pushed, so its digest is not looked up here; the last recorded one is good enough. */
function lastHubDigest(pipeline: Pipeline, { run, completions }: PipelineState, name: string): string | null {
  const image = findStep(pipeline, name)?.image ?? null;
  return image !== null && isOnDockerHub(image) && run?.promotion === null
    ? (findCompletion(completions, name)?.digest ?? null)
    : null;
}
