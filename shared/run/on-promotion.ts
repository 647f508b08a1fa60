// Handles `tagsRead`, `tagsMoved` and `promotionInterrupted`: once a run with candidates is done, all its tags are moved to them. What each tag pointed to
// is saved first, so that those that were moved can be moved back if others cannot be moved.
import type { Pipeline } from "../pipeline/pipeline.ts";
import { backoffMs } from "./backoff.ts";
import { advanced, advancedOutcome, ended, ignored, recordCompletion } from "./decision.ts";
import type { Action, Decision, EventOf, ReadTag } from "./event.ts";
import { continuePromotion } from "./promote.ts";
import {
  isPromotionUnderWay,
  type Move,
  type MoveFailure,
  type PromotionOf,
  type PromotionUnderWay,
} from "./promotion.ts";
import { type ActiveRun, type EndedRun, findStepRun, type PipelineState } from "./state.ts";
import { moveBackGiveUpMs, promotionGiveUpMs } from "./timing.ts";

export function wakePromotion(
  state: PipelineState,
  now: number,
): { state: PipelineState; actions: Action[] } {
  const { run } = state;
  if (run?.status !== "running" || !isPromotionUnderWay(run.promotion) || run.promotion.wakeAt > now) {
    return { state, actions: [] };
  }
  const continued = continuePromotion(run, run.promotion, now);
  return { state: { ...state, run: continued.run }, actions: continued.actions };
}

export function onPromotionInterrupted(
  state: PipelineState,
  { runId }: EventOf<"promotionInterrupted">,
  now: number,
): Decision {
  const { run } = state;
  if (run?.status !== "running" || run.id !== runId || !isPromotionUnderWay(run.promotion)) {
    return ignored(state, `run ${runId} moves no tags`);
  }
  return proceed(state, run, run.promotion, now);
}

export function onTagsRead(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"tagsRead">,
  now: number,
): Decision {
  const { run } = state;
  const promotion = run?.promotion;
  if (run?.status !== "running" || run.id !== event.runId || promotion?.phase !== "preparing") {
    return ignored(state, `run ${event.runId} does not wait for this`);
  }
  // Other steps may be done since the tags were read.
  if (promotion.since !== event.since) return ignored(state, `run ${event.runId} reads its tags again`);
  const failures = event.tags.flatMap((tag) => (tag.kind === "failed" ? tag : []));
  if (failures.length > 0) {
    const isOver = failures.some(({ isTemporary }) => !isTemporary);
    return isOver || now - promotion.since >= promotionGiveUpMs
      ? fail(pipeline, state, run, { failures: failures.map(toFailure), moves: [] }, now)
      : later(state, run, promotion, event.random, now);
  }
  const moves = event.tags.flatMap((tag): Move[] =>
    // Nothing else changes a tag that already points to it.
    tag.kind === "read"
      ? [
          {
            step: tag.step,
            image: tag.image,
            digest: tag.candidate,
            replaced: replacedBy(run, tag),
            isMoved: false,
          },
        ]
      : [],
  );
  const moving = { phase: "moving", since: now, attempts: 0, wakeAt: now, moves } as const;
  return proceed(state, run, moving, now);
}

/** What a tag pointed to before the run, also if an earlier promotion of it could not move the tag back. */
function replacedBy(
  { stuck = [] }: ActiveRun,
  { step, image, current }: Extract<ReadTag, { kind: "read" }>,
): string {
  const earlier = stuck.find((move) => move.step === step && move.image === image);
  return earlier?.digest === current ? earlier.replaced : current;
}

export function onTagsMoved(
  pipeline: Pipeline,
  state: PipelineState,
  event: EventOf<"tagsMoved">,
  now: number,
): Decision {
  const { run } = state;
  const phase = event.isBack ? "movingBack" : "moving";
  if (run?.status !== "running" || run.id !== event.runId || run.promotion?.phase !== phase) {
    return ignored(state, `run ${event.runId} does not wait for this`);
  }
  if (run.promotion.since !== event.since) return ignored(state, `run ${event.runId} moves its tags again`);
  const moved = event.results.flatMap((result) => (result.kind === "moved" ? result.image : []));
  const failures = event.results.flatMap((result) => (result.kind === "failed" ? result : []));
  const moves = run.promotion.moves.map((move) =>
    moved.includes(move.image) ? { ...move, isMoved: !event.isBack } : move,
  );
  const promotion = { ...run.promotion, moves };
  const isFinal = failures.some(({ isTemporary }) => !isTemporary);
  return promotion.phase === "moving"
    ? afterMove(pipeline, state, run, promotion, { failures, isFinal, random: event.random }, now)
    : afterMoveBack(pipeline, state, run, promotion, { failures, isFinal, random: event.random }, now);
}

type Result = { failures: (MoveFailure & { image: string })[]; isFinal: boolean; random: number };

function afterMove(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  promotion: PromotionOf<"moving">,
  { failures, isFinal, random }: Result,
  now: number,
): Decision {
  const { moves, since } = promotion;
  if (moves.every(({ isMoved }) => isMoved)) {
    const over: ActiveRun = { ...run, promotion: { phase: "moved", moves } };
    return advanced(pipeline, recordTags(state, over, moves, now), over, now);
  }
  if (!isFinal && now - since < promotionGiveUpMs) return later(state, run, promotion, random, now);
  // A request without an answer may have moved its tag.
  const doubtful = moves.map(
    (move): Move => (move.isMoved ? move : { ...move, isMoved: true, isDoubtful: true }),
  );
  const back = { phase: "movingBack", since: now, attempts: 0, wakeAt: now } as const;
  return proceed(state, run, { ...back, moves: doubtful, failures: failures.map(toFailure) }, now);
}

function afterMoveBack(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  promotion: PromotionOf<"movingBack">,
  { failures, isFinal, random }: Result,
  now: number,
): Decision {
  const left = promotion.moves.filter(({ isMoved }) => isMoved);
  if (left.length > 0 && !isFinal && now - promotion.since < moveBackGiveUpMs) {
    return later(state, run, promotion, random, now);
  }
  const stuck = left.map(({ step, image }) => {
    const why = failures.find((failure) => failure.image === image)?.reason ?? "no answer";
    return { step, reason: `its tag could not be moved back: ${why}` };
  });
  const tags = promotion.moves.map((move) => ({
    step: move.step,
    image: move.image,
    digest: digestAfterMoveBack(move),
  }));
  const recorded = recordTags(state, run, tags, now);
  return fail(pipeline, recorded, run, { failures: [...promotion.failures, ...stuck], moves: left }, now);
}

/** Null if that is not known. A new tag is left where it is. */
function digestAfterMoveBack({ digest, replaced, isMoved, isDoubtful }: Move): string | null {
  if (!isMoved && replaced !== "absent") return replaced;
  return isDoubtful === true ? null : digest;
}

function toFailure({ step, reason }: MoveFailure): MoveFailure {
  return { step, reason: `its tag could not be moved: ${reason}` };
}

/** Records what the tags point to now, so that the registries' own webhooks about the moves change nothing. */
function recordTags(
  state: PipelineState,
  run: ActiveRun,
  tags: readonly (Pick<Move, "step" | "image"> & { digest: string | null })[],
  now: number,
): PipelineState {
  return tags.reduce((recorded, { step, image, digest }) => {
    const stepRun = findStepRun(run, step);
    // A further tag of the step.
    if (stepRun?.image !== image) return recorded;
    const push = { step, pushedAt: null, hubAt: null, digest };
    if (digest !== stepRun.pushed?.digest) return recordCompletion(recorded, push, now);
    const { platforms, standsOn } = stepRun.pushed;
    const known = platforms.length === 0 ? {} : { platforms };
    return recordCompletion(recorded, { ...push, standsOn, ...known }, now);
  }, state);
}

function proceed(state: PipelineState, run: ActiveRun, promotion: PromotionUnderWay, now: number): Decision {
  const { run: next, actions } = continuePromotion(run, promotion, now);
  return { state: { ...state, run: next }, outcome: advancedOutcome, actions, replacedRun: null };
}

function later(
  state: PipelineState,
  run: ActiveRun,
  promotion: PromotionUnderWay,
  random: number,
  now: number,
): Decision {
  const wakeAt = now + backoffMs(promotion.attempts, random, null);
  const next = { ...run, promotion: { ...promotion, wakeAt } };
  return { state: { ...state, run: next }, outcome: advancedOutcome, actions: [], replacedRun: null };
}

function fail(
  pipeline: Pipeline,
  state: PipelineState,
  run: ActiveRun,
  failed: Omit<PromotionOf<"failed">, "phase">,
  now: number,
): Decision {
  const over: EndedRun = {
    ...run,
    status: "failed",
    endedAt: now,
    promotion: { phase: "failed", ...failed },
  };
  return ended(pipeline, state, over, now);
}
