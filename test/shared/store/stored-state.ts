// States of pipelines for the tests of stores.
import { makeRunId } from "../../../shared/run/run-id.ts";
import { type EndedRun, emptyState, type PipelineState, type Run } from "../../../shared/run/state.ts";

export const t0 = Date.UTC(2026, 10, 20, 3);

/** A run whose first step is building. */
export function running(pipeline: string, wakeAt: number, startedAt = t0): PipelineState {
  const core = {
    image: "acme/x:a",
    attempts: 1,
    retriesUsed: 0,
    triggeredAt: startedAt,
    digestBefore: null,
    pushed: null,
    build: null,
    slot: null,
  } as const;
  const run: Run = {
    id: makeRunId(pipeline, startedAt, 0.5),
    pipeline,
    cause: "manual",
    from: null,
    pushedStep: null,
    because: null,
    onlyStale: false,
    promotion: null,
    stalledAt: null,
    log: [],
    startedAt,
    status: "running",
    steps: [
      { ...core, name: "a", state: "building", wakeAt, giveUpAt: wakeAt, lookUps: 0 },
      { ...core, name: "b", state: "waiting", attempts: 0, triggeredAt: null },
    ],
  };
  return { ...emptyState, run };
}

/** A run whose first step waits to be triggered. */
export function dueAt(pipeline: string, wakeAt: number): PipelineState {
  const state = running(pipeline, wakeAt);
  const [first] = state.run?.steps ?? [];
  if (state.run === null || first?.state !== "building") throw new Error("expected a step that is building");
  const due = {
    ...first,
    state: "due",
    phase: "delayed",
    dueAt: wakeAt,
    giveUpAt: null,
    reason: null,
  } as const;
  return { ...state, run: { ...state.run, steps: [due] } };
}

export function endRun({ run }: PipelineState, endedAt: number): { state: PipelineState; run: EndedRun } {
  if (run === null) throw new Error("expected a run");
  const ended: EndedRun = { ...run, status: "cancelled", endedAt, steps: [] };
  return { state: { ...emptyState, run: ended }, run: ended };
}
