// Starts a scheduled run, for EventBridge and for the local program's own schedules.
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Event } from "../run/event.ts";
import { apply } from "./apply.ts";
import { postponeStart } from "./postpone-start.ts";
import { newRunId, type Relay } from "./relay.ts";

/** Once for each instant of the schedule, however often it is requested. The log says why if no run starts. */
export async function startScheduled(relay: Relay, pipeline: Pipeline, scheduledFor: number): Promise<void> {
  const applyTo = (other: Pipeline, event: Event) => apply(relay, other, event);
  if (await postponeStart(relay, pipeline, scheduledFor, {}, applyTo)) return;
  const { outcome } = await apply(relay, pipeline, {
    kind: "runRequested",
    newRunId: newRunId(relay, pipeline),
    cause: "schedule",
    from: null,
    scheduledFor,
  });
  if (outcome.kind === "advanced") return;
  relay.log("warn", {
    event: "schedule.skipped",
    pipeline: pipeline.name,
    scheduledFor: new Date(scheduledFor).toISOString(),
    reason: outcome.reason,
  });
}
