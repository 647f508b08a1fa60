// What a person asks of a run through the API or a page: start, cancel or retry it, or approve a gate.
import type { Parameters } from "../image/tag-parameters.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Event } from "../run/event.ts";
import type { Run } from "../run/state.ts";
import { apply } from "./apply.ts";
import { newRunId, type Relay } from "./relay.ts";

export type Changed = { kind: "changed"; run: Run } | { kind: "refused"; reason: string };

/** Starts at a step, or at the beginning if `from` is null. */
export async function startRun(
  relay: Relay,
  pipeline: Pipeline,
  from: string | null,
  { onlyStale = false, parameters }: { onlyStale?: boolean; parameters?: Parameters | undefined } = {},
): Promise<Changed> {
  const id = newRunId(relay, pipeline);
  return change(relay, pipeline, id, {
    kind: "runRequested",
    newRunId: id,
    cause: "manual",
    from: from === null ? null : [from],
    onlyStale,
    ...(parameters === undefined ? {} : { parameters }),
  });
}

/** Null if there is no such run, or its pipeline is gone. */
export async function changeRun(
  relay: Relay,
  runId: string,
  what: "cancel" | "retry",
): Promise<Changed | null> {
  const run = await relay.store.findRun(runId);
  const pipeline = run === null ? undefined : relay.pipelines.get(run.pipeline);
  if (pipeline === undefined) return null;
  const kind = what === "cancel" ? "cancelled" : "retryRequested";
  return change(relay, pipeline, runId, { kind, runId });
}

/** Null if there is no such run, or its pipeline is gone. */
export async function approveGate(relay: Relay, runId: string, step: string): Promise<Changed | null> {
  const run = await relay.store.findRun(runId);
  const pipeline = run === null ? undefined : relay.pipelines.get(run.pipeline);
  if (pipeline === undefined) return null;
  return change(relay, pipeline, runId, { kind: "gateApproved", runId, step });
}

async function change(relay: Relay, pipeline: Pipeline, runId: string, event: Event): Promise<Changed> {
  const { outcome, state } = await apply(relay, pipeline, event);
  if (outcome.kind !== "advanced") return { kind: "refused", reason: outcome.reason };
  // A queued run may have replaced it already.
  const run = state.run?.id === runId ? state.run : await relay.store.findRun(runId);
  return run === null ? { kind: "refused", reason: "the run is no longer stored" } : { kind: "changed", run };
}
