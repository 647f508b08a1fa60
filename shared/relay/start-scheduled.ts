// Starts a pipeline's run because its schedule says so, whoever keeps the schedule.
import type { Pipeline } from "../core/pipeline.ts";
import { apply } from "./apply.ts";
import { newRunId, type Relay } from "./relay.ts";

/** Once for an instant of the schedule, however often it is asked for; what is not started is said in the log. */
export async function startScheduled(relay: Relay, pipeline: Pipeline, scheduledFor: number): Promise<void> {
  const { outcome } = await apply(relay, pipeline, {
    kind: "runRequested",
    newRunId: newRunId(relay, pipeline),
    cause: "schedule",
    from: null,
    scheduledFor,
    news: null,
  });
  if (outcome.kind === "advanced") return;
  relay.log("warn", {
    event: "schedule.skipped",
    pipeline: pipeline.name,
    scheduledFor: new Date(scheduledFor).toISOString(),
    reason: outcome.reason,
  });
}
