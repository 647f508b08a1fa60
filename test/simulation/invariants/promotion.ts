// Half a family never goes out: a run with candidates moves all its tags, or leaves them as they were.
import type { PipelineState, Run } from "../../../shared/run/state.ts";
import type { Contents } from "./freshness.ts";
import { mustHold } from "./violation.ts";

/** What a tag was last pushed as, and whether the relay moved it. */
export type LastPush = (image: string) => { digest: string; isMove: boolean } | null;

/** From the look at a tag to the save that follows, including retries of the store. */
const maxLookMs = 3 * 60_000;

export function createPromotionChecks(
  { lastPush, shownSince }: { lastPush: LastPush } & Pick<Contents, "shownSince">,
  now: () => number,
) {
  /** A tag that somebody else has pushed meanwhile is none of the run's business. */
  const isAt = (image: string, digest: string) => {
    const last = lastPush(image);
    return last === null || !last.isMove || last.digest === digest;
  };

  const checkSucceeded = ({ id, promotion, steps }: Run) => {
    const hasBuilt = steps.some(({ state, image }) => state === "done" && image !== null);
    if (!hasBuilt) return;
    mustHold(promotion?.phase === "moved", () => `run ${id} succeeded without moving its tags`);
    const moves = promotion?.phase === "moved" ? promotion.moves : [];
    for (const { name, image, state } of steps) {
      if (state !== "done" || image === null) continue;
      const move = moves.find(({ step }) => step === name);
      mustHold(move !== undefined && isAt(image, move.digest), () => `run ${id} did not move ${image}`);
    }
  };

  const checkFailed = ({ id, promotion }: Run, last: Run | null) => {
    if (last?.promotion?.phase !== "movingBack" || promotion?.phase !== "failed") return;
    const left = promotion.moves.map(({ step }) => step);
    for (const { step, image, replaced } of last.promotion.moves) {
      if (left.includes(step) || replaced === "absent") continue;
      mustHold(isAt(image, replaced), () => `run ${id} failed and left ${image} moved`);
    }
  };

  const checkBegun = ({ id, promotion }: Run) => {
    for (const { image, replaced } of promotion?.phase === "moving" ? promotion.moves : []) {
      const shown = shownSince(image, now() - maxLookMs);
      const isTrue = replaced === "absent" ? shown.length <= 1 : shown.includes(replaced);
      mustHold(isTrue, () => `run ${id} notes that ${image} was ${replaced}, which it was not`);
    }
  };

  return {
    follow: (run: Run, last: Run | null) => {
      if (run.promotion?.phase === "moving" && last?.promotion?.phase === "preparing") checkBegun(run);
      if (run.promotion === null || run.status === "running" || last?.status === run.status) return;
      if (run.status === "succeeded") checkSucceeded(run);
      else checkFailed(run, last);
    },
    /** What a tag pointed to is saved before it is moved. */
    checkMove: (states: readonly PipelineState[], image: string, digest: string) => {
      const isSaved = states.some(({ run }) => {
        const { promotion = null } = run ?? {};
        const moves = promotion !== null && "moves" in promotion ? promotion.moves : [];
        return moves.some((move) => move.image === image && [move.digest, move.replaced].includes(digest));
      });
      mustHold(isSaved, () => `${image} is moved to ${digest}, and nothing that is saved says so`);
    },
  };
}
