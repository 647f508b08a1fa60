// Ticks every pipeline that is due: delayed and retried triggers, lost outcomes, overdue builds.
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../log.ts";
import { emptyPipeline } from "../pipeline/pipeline.ts";
import { isMovingTags } from "../run/promotion.ts";
import { apply } from "./apply.ts";
import { forEachInParallel } from "./in-parallel.ts";
import { lookUpBuilds } from "./look-up-builds.ts";
import type { BuildToLookUp, Relay } from "./relay.ts";

const maxParallelTicks = 16;
/** A trigger takes up to ten seconds, and saving its outcome a few more. */
const claimReserveMs = 20_000;
/** For the answer and the log. */
const answerReserveMs = 2_000;

/** How long the process may still run. A function on Lambda is killed at the end of its time. */
export type RemainingMs = () => number;

/**
 * Returns how many pipelines were due. A failure of one does not affect the others. In its last seconds, the sweep
 * claims no more steps: a step that is claimed when the process is killed could be built twice. What is left stays due,
 * and the next sweep continues with it. On AWS, the next sweep is never more than a minute away.
 */
export async function sweep(relay: Relay, remainingMs: RemainingMs = () => Infinity): Promise<number> {
  const mayClaim = () => remainingMs() > claimReserveMs;
  const buildsToLookUp: BuildToLookUp[] = [];
  const limited = { ...relay, mayClaim, buildsToLookUp };
  const due = await relay.store.listDue(relay.clock());
  const left = new Set(due.map(({ pipeline }) => pipeline));
  const ticks = forEachInParallel(due, maxParallelTicks, async ({ pipeline }) => {
    if (!mayClaim()) return;
    await tick(limited, pipeline);
    left.delete(pipeline);
  });
  const work = ticks.then(() => lookUpBuilds({ ...relay, mayClaim }, buildsToLookUp));
  await waitAtMost(work, remainingMs() - answerReserveMs);
  if (left.size > 0) relay.log("warn", { event: "sweep.left", pipelines: left.size, of: due.length });
  return due.length;
}

/** Look-ups at a registry that hangs may take longer than the function has. They change nothing before they end. */
async function waitAtMost(work: Promise<void>, ms: number): Promise<void> {
  if (ms === Infinity) return work;
  const timer = new AbortController();
  const timeIsUp = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work, timeIsUp]);
  timer.abort();
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

/** Cancels the run of a pipeline that is no longer configured. */
async function cancelRemoved(relay: Relay, name: string): Promise<void> {
  const { run } = (await relay.store.load(name)).state;
  // A run that is moving tags is not cancelled: they are moved to the end, or back.
  const isToCancel = run?.status === "running" && !isMovingTags(run.promotion);
  await apply(
    relay,
    emptyPipeline(name),
    isToCancel ? { kind: "cancelled", runId: run.id } : { kind: "tick" },
  );
}
