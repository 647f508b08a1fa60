// A step was pushed or built: it is done, unless the registries show that its image does not stand on its bases.
import type { TagAnswer } from "../kinds/registry.ts";
import type { Pipeline, Step } from "../pipeline/pipeline.ts";
import { findCompletion } from "./bases.ts";
import { advanced, ignored, type RecordedPush, recordCompletion } from "./decision.ts";
import type { Decision, VerifiedEvent } from "./event.ts";
import { dropPending } from "./pending-confirmations.ts";
import {
  type ActiveRun,
  isUnderWay,
  type PipelineState,
  type Run,
  replaceStep,
  type StepRun,
} from "./state.ts";
import { buildAgainOrFail, markDone, markFailed } from "./step-transitions.ts";
import { describeFinding, knownOf, requestEvidence, type Verification, verify } from "./verify.ts";

/** A step of a run, and what is recorded of its push. */
export type Completed = { run: Run; step: Step; push: RecordedPush };

/** `later` if the image has to be proven and no registry could be asked, which is as if the tag could not be looked up. */
export type CompleteResult =
  | { kind: "decided"; decision: Decision }
  | { kind: "later"; answer: Extract<TagAnswer, { kind: "unknown" }> };

/** Completes a step of the active run, or builds it again. */
export function completeStep(
  pipeline: Pipeline,
  state: PipelineState,
  completed: Completed & { run: ActiveRun; stepRun: StepRun },
  event: VerifiedEvent,
  now: number,
): CompleteResult {
  const { run, stepRun, step, push } = completed;
  const name = JSON.stringify(step.name);
  if (stepRun.state === "failed" && push.digest !== null && stepRun.pushed?.digest === push.digest) {
    const reason = `this push of step ${name} was already refused: ${stepRun.reason}`;
    return { kind: "decided", decision: ignored(state, reason) };
  }
  return afterVerification(pipeline, state, completed, event, now, (recorded, verification) => {
    const changed = changeOf(stepRun, step, verification, event, now);
    if (changed !== null) return advanced(pipeline, recorded, replaceStep(run, changed), now);
    const reason = "reason" in verification ? describeFinding(verification) : "it is over";
    return ignored(recorded, `step ${name} stays failed: ${reason}`);
  });
}

/** Gathers evidence, records the push, and then decides what follows from both. */
export function afterVerification(
  pipeline: Pipeline,
  state: PipelineState,
  { run, step, push }: Completed,
  event: VerifiedEvent,
  now: number,
  decideOn: (recorded: PipelineState, verification: Verification) => Decision,
): CompleteResult {
  const request = requestEvidence(pipeline, state, run, step, event, push.digest);
  if (request !== null) return { kind: "decided", decision: request };
  const verification = verify(pipeline, state, run, step, event.evidence, push.digest);
  if (verification.kind === "unproven" && verification.isTemporary) {
    const { reason } = verification;
    return { kind: "later", answer: { kind: "unknown", reason, retryAfterMs: null, requestSent: true } };
  }
  const known = findCompletion(state.completions, step.name);
  const digest = verification.pushed?.digest ?? push.digest;
  const recorded = recordsPushes(run, step)
    ? recordCompletion(state, { ...push, digest, ...knownOf(verification, known) }, now)
    : dropPending(state, step.name);
  return { kind: "decided", decision: decideOn(recorded, verification) };
}

/** The tag of a candidate is not pushed before the run promotes it. A gate pushes nothing. */
function recordsPushes({ promotion }: Run, { image }: Step): boolean {
  return promotion === null && image !== null;
}

const reporters = { pushLookedUp: "webhook", tagLookedUp: "lookUp", buildEnded: "builder" } as const;

/** Null if a step that has failed stays so. */
function changeOf(
  stepRun: StepRun,
  step: Step,
  verification: Verification,
  event: VerifiedEvent,
  now: number,
): StepRun | null {
  const { kind, pushed } = verification;
  if (kind === "accepted") return markDone(stepRun, pushed, reporters[event.kind], now);
  if (!isUnderWay(stepRun)) return null;
  return kind === "refuted"
    ? buildAgainOrFail(stepRun, step, describeFinding(verification), verification.pushed, event.random, now)
    : markFailed({ ...stepRun, pushed }, describeFinding(verification), now);
}
