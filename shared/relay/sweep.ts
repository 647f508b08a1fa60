// Ticks every pipeline that is due: delayed and retried triggers, lost outcomes, overdue builds.
import { messageOf } from "../log.ts";
import { emptyPipeline } from "../pipeline/pipeline.ts";
import { isMovingTags } from "../run/promotion.ts";
import { apply } from "./apply.ts";
import { forEachInParallel } from "./in-parallel.ts";
import type { Relay } from "./relay.ts";

const maxParallelTicks = 16;

/** Returns how many pipelines were due. A failure of one does not affect the others. */
export async function sweep(relay: Relay): Promise<number> {
  const due = await relay.store.listDue(relay.clock());
  await forEachInParallel(due, maxParallelTicks, ({ pipeline }) => tick(relay, pipeline));
  return due.length;
}

async function tick(relay: Relay, name: string): Promise<void> {
  const pipeline = relay.pipelines.get(name);
  try {
    if (pipeline === undefined) await cancelRemoved(relay, name);
    else await apply(relay, pipeline, { kind: "tick" });
  } catch (error) {
    relay.log("error", { event: "sweep.failed", pipeline: name, reason: messageOf(error) });
  }
}

/** Cancels the run of a pipeline that is no longer configured, and says so. */
async function cancelRemoved(relay: Relay, name: string): Promise<void> {
  const { run } = (await relay.store.load(name)).state;
  // Tags that are being moved are moved to the end, or back.
  const isToCancel = run?.status === "running" && !isMovingTags(run.promotion);
  await apply(
    relay,
    emptyPipeline(name),
    isToCancel ? { kind: "cancelled", runId: run.id } : { kind: "tick" },
  );
}
