// Whether a step's pushed image stands on its bases, by what the registries show.
import {
  describeBase,
  type Evidence,
  type ExpectedBase,
  type PushedImage,
  shortDigest,
} from "../evidence/evidence.ts";
import type { Pipeline, Step } from "../pipeline/pipeline.ts";
import { basesNow, expectedBasesOf, findCompletion } from "./bases.ts";
import { targetOf } from "./candidates.ts";
import type { Action, Decision, VerifiedEvent } from "./event.ts";
import type { Completion, PipelineState, Run } from "./state.ts";

/** What follows from the evidence for a pushed image. */
export type Verification =
  | { kind: "accepted"; pushed: PushedImage | null }
  /** It is not what it should be. Another build may be. */
  | ({ kind: "refuted"; pushed: PushedImage } & Finding)
  /** With `verify: required`: nothing shows that it is what it should be. */
  | ({ kind: "unproven"; pushed: PushedImage | null; isTemporary: boolean } & Finding);

/** `advice` is for those who have just built the image. */
type Finding = { reason: string; advice: string | null };

export function describeFinding({ reason, advice }: Finding): string {
  return advice === null ? reason : `${reason}; ${advice}`;
}

/** Asks the registries for evidence before anything is saved; null if it is there, or not wanted. */
export function requestEvidence(
  pipeline: Pipeline,
  state: PipelineState,
  run: Run,
  step: Step,
  event: VerifiedEvent,
  digest: string | null,
): Decision | null {
  if (step.image === null) return null;
  // With `confirm: webhook`, no registry is asked anything.
  if (event.evidence !== undefined || step.verify === "off" || pipeline.confirm === "webhook") return null;
  // Without a digest, the tag would have to be read, and a later push could be taken for this one.
  if (digest === null && event.kind !== "buildEnded") return null;
  const bases = expectedBasesOf(pipeline, run, state.completions, step);
  const image = targetOf(run, step.image);
  const gather: Action = { kind: "gatherEvidence", image, digest, bases, event };
  return { state, outcome: null, actions: [gather], replacedRun: null };
}

export function verify(
  pipeline: Pipeline,
  state: PipelineState,
  run: Run,
  step: Step,
  evidence: Evidence | undefined,
  digest: string | null,
): Verification {
  const unverified: PushedImage | null = digest === null ? null : { digest, platforms: [], standsOn: [] };
  const isRequired = step.verify === "required";
  if (evidence?.kind !== "found") {
    if (!isRequired) return { kind: "accepted", pushed: unverified };
    const { reason, isTemporary } = evidence ?? noDigest;
    return {
      kind: "unproven",
      pushed: unverified,
      reason: `its image could not be verified: ${reason}`,
      advice: null,
      isTemporary,
    };
  }
  const { pushed, contradictions } = evidence;
  const lost = lostPlatforms(step, findCompletion(state.completions, step.name), pushed);
  if (lost !== null) return { kind: "refuted", pushed, ...lost };
  if (contradictions.length > 0) {
    const advice = run.promotion === null ? howToPull : howToUseCandidates;
    return { kind: "refuted", pushed, reason: `its image ${contradictions.join(" and ")}`, advice };
  }
  const bases = basesNow(pipeline, run, state.completions, step);
  const unproven = isRequired ? whyUnproven(pushed, bases) : null;
  return unproven === null
    ? { kind: "accepted", pushed }
    : { kind: "unproven", pushed, ...unproven, isTemporary: false };
}

const noDigest = { reason: "the registry did not report its digest", isTemporary: false };

const howToPull =
  'the builder did not pull the new base: build with --pull ("pull: true" in build-push-action), or pass {pins} as build contexts';

const howToUseCandidates =
  "with promote: together, the new base is at its candidate only: pass {pins} as build contexts, or build from {base}";

/** What is wrong if platforms are missing. Expected are those that `platforms` names or, without it, that the tag had before. */
function lostPlatforms(
  step: Step,
  known: Completion | undefined,
  { platforms }: PushedImage,
): Finding | null {
  if (platforms.length === 0) return null;
  const isNamed = step.platforms.length > 0;
  const wanted = isNamed ? step.platforms : (known?.platforms ?? []);
  const lost = wanted.filter((platform) => !platforms.includes(platform));
  if (lost.length === 0) return null;
  const reason = `its image has no ${lost.join(" and no ")}, only ${platforms.join(", ")}`;
  const advice = `it had ${lost.join(" and ")} before. If that is intended, list its platforms: "platforms: [${platforms.join(", ")}]"`;
  return { reason, advice: isNamed ? null : advice };
}

/** With `verify: required`, the image has to stand on exactly what its bases were pushed as, if that was in this run. */
function whyUnproven({ standsOn }: PushedImage, bases: readonly ExpectedBase[]): Finding | null {
  for (const { name: base, digest: expected } of bases) {
    const name = describeBase(base);
    const found = standsOn.find((one) => one.base.kind === base.kind && describeBase(one.base) === name);
    const digest = found?.digest ?? null;
    if (found?.verdict !== "proven") {
      return {
        reason: `nothing shows that its image stands on ${name}`,
        advice: 'if it only copies files from there, set "verify: auto" for the step',
      };
    }
    if (expected !== null && digest !== expected) {
      return {
        reason: `its image stands on a later push of ${name} (${shortDigest(digest ?? "")}) than this run's (${shortDigest(expected)})`,
        advice: "pass {pins} as build contexts",
      };
    }
  }
  return null;
}

/** What is recorded of the push, as far as it is known. */
export function knownOf(
  { kind, pushed }: Verification,
  known: Completion | undefined,
): Partial<Pick<Completion, "platforms" | "standsOn">> {
  const { platforms = [], standsOn = [] } = pushed ?? {};
  // A platform that was lost in a refused push is still expected.
  const isLost = kind === "refuted" && known?.platforms.some((one) => !platforms.includes(one)) === true;
  return {
    ...(platforms.length === 0 || isLost ? {} : { platforms }),
    ...(standsOn.length === 0 ? {} : { standsOn }),
  };
}
