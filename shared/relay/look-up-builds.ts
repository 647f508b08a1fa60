// Looks up builds whose ends may not have been reported, and advances the runs of those that have ended.
import { messageOf } from "../log.ts";
import { apply } from "./apply.ts";
import { askBuilders } from "./ask-builders.ts";
import { forEachInParallel } from "./in-parallel.ts";
import type { BuildToLookUp, Relay } from "./relay.ts";

const maxParallel = 16;

/** A failure of one does not affect the others. */
export async function lookUpBuilds(relay: Relay, builds: readonly BuildToLookUp[]): Promise<void> {
  if (builds.length === 0) return;
  await forEachInParallel(await askBuilders(relay, builds), maxParallel, async ({ asked, event }) => {
    const { pipeline } = asked;
    try {
      await apply(relay, pipeline, event);
    } catch (error) {
      relay.log("error", { event: "sweep.failed", pipeline: pipeline.name, reason: messageOf(error) });
    }
  });
}
