// What the buttons of the pages do: start a run, cancel it, retry it.
import type { Event } from "../../core/event.ts";
import type { Pipeline } from "../../core/pipeline.ts";
import { apply } from "../../relay/apply.ts";
import { newRunId, type Relay } from "../../relay/relay.ts";

export type Changed = { kind: "changed"; runId: string } | { kind: "refused"; reason: string };

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

export async function changeRun(
  relay: Relay,
  pipeline: Pipeline,
  runId: string,
  what: "cancel" | "retry",
): Promise<Changed> {
  return change(relay, pipeline, { kind: what === "cancel" ? "cancelled" : "retryRequested", runId });
}

async function change(relay: Relay, pipeline: Pipeline, event: Event): Promise<Changed> {
  const { outcome, state } = await apply(relay, pipeline, event);
  if (outcome.kind === "advanced" && state.run !== null) return { kind: "changed", runId: state.run.id };
  return { kind: "refused", reason: "reason" in outcome ? outcome.reason : "the run has moved on" };
}
