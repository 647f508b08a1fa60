// What becomes of the candidates of a run with `promote: together`: once all of it is done, all its tags are moved to them, or
// none is.
import * as z from "zod/mini";

const instant = z.number();

/** A tag to move to its candidate. */
export const moveSchema = z.object({
  step: z.string(),
  image: z.string(),
  digest: z.string(),
  /** What the tag pointed to before; `absent` for a new tag. */
  replaced: z.string(),
  isMoved: z.boolean(),
  /** Set if it is only assumed to be moved: its request failed, and may have arrived. */
  isDoubtful: z.optional(z.literal(true)),
});
export type Move = z.infer<typeof moveSchema>;

const failureSchema = z.object({ step: z.string(), reason: z.string() });
export type MoveFailure = z.infer<typeof failureSchema>;

const underWay = { since: instant, attempts: z.int(), wakeAt: instant };

export const promotionSchema = z.discriminatedUnion("phase", [
  /** The run is not done yet. */
  z.object({ phase: z.literal("building") }),
  /** What the tags point to is looked up, to be saved before they are moved. */
  z.object({ phase: z.literal("preparing"), ...underWay }),
  z.object({ phase: z.literal("moving"), ...underWay, moves: z.array(moveSchema) }),
  /** Not all tags could be moved, so that those that were are moved back. */
  z.object({
    phase: z.literal("movingBack"),
    ...underWay,
    moves: z.array(moveSchema),
    failures: z.array(failureSchema),
  }),
  z.object({ phase: z.literal("moved"), moves: z.array(moveSchema) }),
  /** `moves` are those that could not be moved back either. */
  z.object({ phase: z.literal("failed"), moves: z.array(moveSchema), failures: z.array(failureSchema) }),
]);
export type Promotion = z.infer<typeof promotionSchema>;
export type PromotionUnderWay = Extract<Promotion, { wakeAt: number }>;
export type PromotionOf<P extends Promotion["phase"]> = Extract<Promotion, { phase: P }>;

export const promotionPhases = [
  "building",
  "preparing",
  "moving",
  "movingBack",
  "moved",
  "failed",
] as const satisfies Promotion["phase"][];

/** Tags are being moved: the run can neither be cancelled nor changed until that is over. */
export function isMovingTags(promotion: Promotion | null): boolean {
  return promotion?.phase === "moving" || promotion?.phase === "movingBack";
}

export function isPromotionUnderWay(promotion: Promotion | null): promotion is PromotionUnderWay {
  return promotion !== null && "wakeAt" in promotion;
}
