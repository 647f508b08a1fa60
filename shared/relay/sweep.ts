// Looks at every pipeline whose time has come: delayed and repeated triggers, lost outcomes, overdue builds.
import type { Pipeline } from "../core/pipeline.ts";
import { apply } from "./apply.ts";
import type { Relay } from "./relay.ts";

const atOnce = 16;

/** How many pipelines were looked at. One that fails does not keep the others from their turn. */
export async function sweep(relay: Relay): Promise<number> {
  const due = await relay.store.listDue(relay.clock());
  const queue = due.map(({ pipeline }) => pipeline);
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) await tick(relay, name);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, due.length) }, work));
  return due.length;
}

async function tick(relay: Relay, name: string): Promise<void> {
  const pipeline = relay.pipelines.get(name);
  try {
    if (pipeline === undefined) await cancelRemoved(relay, name);
    else await apply(relay, pipeline, { kind: "tick" });
  } catch (error) {
    relay.log("error", {
      event: "sweep.failed",
      pipeline: name,
      reason: error instanceof Error ? error.message : "unknown",
    });
  }
}

/** A pipeline that is no longer configured has no steps: its run is over, and nothing is left but to say so. */
async function cancelRemoved(relay: Relay, name: string): Promise<void> {
  const removed: Pipeline = {
    name,
    steps: [],
    schedule: null,
    after: [],
    followers: [],
    source: null,
    upstreamEveryMs: 0,
    overlap: "skip",
    onPush: "ignore",
    maxParallel: 1,
    notify: [],
    stalledAfterMs: null,
    confirm: "webhook",
  };
  const { state } = await relay.store.load(name);
  const { run } = state;
  const isActive = run?.status === "running";
  await apply(relay, removed, isActive ? { kind: "cancelled", runId: run.id } : { kind: "tick" });
}
