// Handles `stepLookedAt`: a step that is built only if it is stale is fresh, or becomes due.
import { describeBase, type Evidence, type StandsOn, shortDigest } from "../evidence/evidence.ts";
import { findStep, type Pipeline, type Step } from "../pipeline/pipeline.ts";
import { becomeDue, notBefore } from "./advance.ts";
import { basesNow, findCompletion } from "./bases.ts";
import { advanced, ignored } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { reconcile } from "./reconcile.ts";
import { findStepRun, type PipelineState, type Run, replaceStep } from "./state.ts";
import { markFresh } from "./step-transitions.ts";
import { verify } from "./verify.ts";

export function onStepLookedAt(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"stepLookedAt">,
  now: number,
): Decision {
  if (state.run?.status !== "running" || state.run.id !== event.runId) {
    return ignored(state, `run ${event.runId} is not active`);
  }
  const run = reconcile(pipeline, state.run);
  const stepRun = findStepRun(run, event.step);
  const step = findStep(pipeline, event.step);
  const isAwaited = stepRun?.state === "due" && stepRun.phase === "checking";
  if (!isAwaited || step === undefined || stepRun.attempts !== event.attempt) {
    return ignored(state, `step ${JSON.stringify(event.step)} has moved on`);
  }
  const { evidence } = event;
  const reason = whyStale(pipeline, state, run, step, evidence);
  const changed =
    reason === null && evidence.kind === "found"
      ? markFresh(stepRun, evidence.pushed, describeFresh(evidence.pushed.standsOn), notBefore(run, now))
      : { ...becomeDue(stepRun, step, run, now), reason };
  return advanced(pipeline, state, replaceStep(run, changed), now);
}

/** Null if the image is known to be what a build would make it. In doubt it is built. */
function whyStale(
  pipeline: Pipeline,
  state: PipelineState,
  run: Run,
  step: Step,
  evidence: Evidence,
): string | null {
  if (evidence.kind === "unknown") return `it may be stale: ${evidence.reason}`;
  const verification = verify(pipeline, state, run, step, evidence, evidence.pushed.digest);
  if (verification.kind !== "accepted") return verification.reason;
  const { digest, standsOn } = evidence.pushed;
  const known = findCompletion(state.completions, step.name);
  for (const { name } of basesNow(pipeline, run, state.completions, step)) {
    const found = standsOn.find(({ base }) => isSameBase(base, name));
    if (found?.verdict === "proven") continue;
    // A base that files are only copied from: it is as it was when this very image was pushed.
    const last =
      known?.digest === digest ? known.standsOn.find(({ base }) => isSameBase(base, name)) : undefined;
    const isUnchanged = last?.digest != null && last.digest === found?.digest;
    if (!isUnchanged) return `nothing shows that it stands on what ${describeBase(name)} is now`;
  }
  return null;
}

function isSameBase(one: StandsOn["base"], other: StandsOn["base"]): boolean {
  return one.kind === other.kind && describeBase(one) === describeBase(other);
}

function describeFresh(standsOn: readonly StandsOn[]): string {
  if (standsOn.length === 0) return "it has no base";
  const bases = standsOn.map(({ base, digest }) =>
    digest === null ? describeBase(base) : `${describeBase(base)}@${shortDigest(digest)}`,
  );
  return `it stands on ${bases.join(" and ")}`;
}
