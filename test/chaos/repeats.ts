// Why a step was triggered more than once in a run: what a kill, a cut or a failed build explains, and what nothing does.
import { claimMs, lookUpsAtMost } from "../../shared/core/timing.ts";
import type { Fault } from "./faults.ts";
import type { ChaosStep } from "./pipelines.ts";
import type { Trigger, Truth } from "./truth.ts";

export const reasons = ["buildFailed", "ignored", "cut", "killed", "lookUpsCut"] as const;
export type Reason = (typeof reasons)[number];

/** A push so shortly before the trigger may have come after the look-up. */
const lookMs = 5_000;
/** The proxy may note a trigger a little after it has left. */
const lagMs = 1_000;

/** The program may not have understood the answer. */
export function isBlind(fault: Fault): boolean {
  return fault !== "none" && fault !== "duplicated";
}

/** Null where nothing explains it. */
export function explainRepeat(
  runId: string,
  { name, image }: ChaosStep,
  before: Trigger,
  again: Trigger,
  truth: Truth,
): Reason | null {
  const lookUps = truth.lookUps.filter(
    (lookUp) => lookUp.image === image && lookUp.at >= before.sentAt && lookUp.at <= again.sentAt,
  );
  // Nothing is triggered again blindly.
  if (lookUps.length === 0) return null;
  const pushedAt = truth.pushes
    .get(image)
    ?.find((at) => at >= before.receivedAt && at < again.sentAt - lookMs);
  if (pushedAt !== undefined) {
    // The tag API would have told.
    const blind = lookUps.filter(({ at, fault }) => at >= pushedAt && isBlind(fault));
    return blind.length >= lookUpsAtMost ? "lookUpsCut" : null;
  }
  if (before.build.kind === "failed") return "buildFailed";
  if (before.build.kind === "ignored") return "ignored";
  if (isBlind(before.fault)) return "cut";
  const isKilled =
    before.life !== again.life &&
    again.sentAt - before.sentAt > claimMs - lagMs &&
    !truth.saidAccepted(before.life, runId, name, before.sentAt);
  return isKilled ? "killed" : null;
}
