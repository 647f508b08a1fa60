// Goes on at once with the promotions that the end of the program cut short, so that no family stays half moved for longer than
// the program is away.
import { apply } from "../../shared/relay/apply.ts";
import { ifStoreReachable } from "../../shared/relay/if-store-reachable.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { isPromotionUnderWay } from "../../shared/run/promotion.ts";
import type { Run } from "../../shared/run/state.ts";

/** Only for a store that nobody else uses: another process may be moving the tags. */
export async function resumePromotions(relay: Relay, activeRuns: readonly Run[]): Promise<void> {
  const interrupted = activeRuns.filter(({ promotion }) => isPromotionUnderWay(promotion));
  await Promise.all(
    interrupted.map(async ({ id, pipeline: name }) => {
      const pipeline = relay.pipelines.get(name);
      if (pipeline === undefined) return;
      await ifStoreReachable(relay, { event: "promotion.failed", pipeline: name, run: id }, () =>
        apply(relay, pipeline, { kind: "promotionInterrupted", runId: id }),
      );
    }),
  );
}
