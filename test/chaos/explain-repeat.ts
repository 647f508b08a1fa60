// Explains why a step was triggered again in a run: a kill, a cut, a failed build, or no reason.
import { claimMs, maxLookUps } from "../../shared/run/timing.ts";
import type { Fault } from "./faults.ts";
import type { Trigger, Truth } from "./observed.ts";
import type { ChaosStep } from "./pipelines.ts";

export const reasons = ["buildFailed", "ignored", "cut", "killed", "lookUpsCut"] as const;
export type Reason = (typeof reasons)[number];

/** A push this shortly before the trigger may have come after the look-up. */
const lookMs = 5_000;
/** The proxy may record a trigger a little after it was sent. */
const lagMs = 1_000;

/** True if the answer may not have reached the program. */
export function isBlind(fault: Fault): boolean {
  return fault !== "none" && fault !== "duplicated";
}

/** Null if there is no reason. */
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
  // The program never triggers again without a look-up.
  if (lookUps.length === 0) return null;
  const pushedAt = truth.pushes
    .get(image)
    ?.find((at) => at >= before.receivedAt && at < again.sentAt - lookMs);
  if (pushedAt !== undefined) {
    // The look-up would have shown the push.
    const blind = lookUps.filter(({ at, fault }) => at >= pushedAt && isBlind(fault));
    return blind.length >= maxLookUps ? "lookUpsCut" : null;
  }
  if (before.build.kind === "failed") return "buildFailed";
  if (before.build.kind === "ignored") return "ignored";
  if (isBlind(before.fault)) return "cut";
  const isKilled =
    before.life !== again.life &&
    again.sentAt - before.sentAt > claimMs - lagMs &&
    !truth.wasLoggedAsAccepted(before.life, runId, name, before.sentAt);
  return isKilled ? "killed" : null;
}
