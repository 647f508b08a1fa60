// What a person asks of a run, by the API or a page: to start it, to cancel it, to go on with it.
import type { Event } from "../core/event.ts";
import type { Pipeline } from "../core/pipeline.ts";
import type { Run } from "../core/run.ts";
import { apply } from "./apply.ts";
import { newRunId, type Relay } from "./relay.ts";

export type Changed = { kind: "changed"; run: Run } | { kind: "refused"; reason: string };

/** From a step, or null for the whole pipeline. */
export async function startRun(relay: Relay, pipeline: Pipeline, from: string | null): Promise<Changed> {
  return change(relay, pipeline, {
    kind: "runRequested",
    newRunId: newRunId(relay, pipeline),
    cause: "manual",
    from: from === null ? null : [from],
    scheduledFor: null,
    news: null,
  });
}

/** Null where there is no run of this id, or its pipeline is gone. */
export async function changeRun(
  relay: Relay,
  runId: string,
  what: "cancel" | "retry",
): Promise<Changed | null> {
  const run = await relay.store.findRun(runId);
  const pipeline = run === null ? undefined : relay.pipelines.get(run.pipeline);
  if (pipeline === undefined) return null;
  return change(relay, pipeline, { kind: what === "cancel" ? "cancelled" : "retryRequested", runId });
}

async function change(relay: Relay, pipeline: Pipeline, event: Event): Promise<Changed> {
  const { outcome, state } = await apply(relay, pipeline, event);
  if (outcome.kind === "advanced" && state.run !== null) return { kind: "changed", run: state.run };
  return { kind: "refused", reason: "reason" in outcome ? outcome.reason : "the run has moved on" };
}
