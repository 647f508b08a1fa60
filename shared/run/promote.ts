// Requests the moves of a promotion, again and again until they are made.

import type { Action } from "./event.ts";
import { imageVariantIn } from "./image-variant.ts";
import type { Move, PromotionUnderWay } from "./promotion.ts";
import type { ActiveRun } from "./state.ts";
import { promotionClaimMs } from "./timing.ts";

/** Requests what is open of the promotion, and sets when it is requested again if no answer comes. */
export function continuePromotion(
  run: ActiveRun,
  promotion: PromotionUnderWay,
  now: number,
): { run: ActiveRun; actions: Action[] } {
  const claimed = { ...promotion, attempts: promotion.attempts + 1, wakeAt: now + promotionClaimMs };
  return { run: { ...run, promotion: claimed }, actions: [actionOf(run, claimed)] };
}

export function startPromotion(run: ActiveRun, now: number): { run: ActiveRun; actions: Action[] } {
  return continuePromotion(run, { phase: "preparing", since: now, attempts: 0, wakeAt: now }, now);
}

function actionOf(run: ActiveRun, promotion: PromotionUnderWay): Action {
  switch (promotion.phase) {
    case "preparing": {
      const tags = run.steps.flatMap(({ name, image, state, pushed }) =>
        state === "done" && image !== null ? { step: name, image, digest: pushed?.digest ?? null } : [],
      );
      return { kind: "readTags", runId: run.id, since: promotion.since, tags, ...imageVariantIn(run) };
    }
    case "moving":
      return moveTags(
        run,
        promotion,
        promotion.moves.filter(({ isMoved }) => !isMoved),
      );
    case "movingBack":
      return moveTags(
        run,
        promotion,
        promotion.moves.filter(({ isMoved }) => isMoved),
      );
  }
}

function moveTags({ id }: ActiveRun, { phase, since }: PromotionUnderWay, moves: readonly Move[]): Action {
  const isBack = phase === "movingBack";
  return {
    kind: "moveTags",
    runId: id,
    since,
    isBack,
    moves: moves.map(({ step, image, digest, replaced }) => ({
      step,
      image,
      digest: isBack ? replaced : digest,
    })),
  };
}
