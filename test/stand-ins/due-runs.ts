// Stores runs in which something is due, as if they had happened.
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { emptyState, type StepRun } from "../../shared/run/state.ts";
import type { Store } from "../../shared/store/store.ts";
import { pastRun } from "./past-runs.ts";

/** The first step is done, and the delay of the second is over. */
export function makeTriggerDue(store: Store, pipeline: Pipeline): Promise<void> {
  return makeDue(store, pipeline, (step, wakeAt) => ({
    ...step,
    attempts: 0,
    triggeredAt: null,
    state: "due",
    phase: "delayed",
    dueAt: wakeAt,
    wakeAt,
    giveUpAt: null,
    reason: null,
  }));
}

/** The first step is done, and the tag of the second, which is building, is to be looked up. */
export function makeLookUpDue(store: Store, pipeline: Pipeline): Promise<void> {
  return makeDue(store, pipeline, (step, wakeAt) => ({ ...step, wakeAt }));
}

type Building = Extract<StepRun, { state: "building" }>;

async function makeDue(
  store: Store,
  pipeline: Pipeline,
  change: (step: Building, wakeAt: number) => StepRun,
): Promise<void> {
  const now = Date.now();
  const run = pastRun(pipeline, { startedAt: now - 90_000, takesMs: () => 60_000, now });
  const steps = run.steps.map((step) => (step.state === "building" ? change(step, now - 1) : step));
  const before = await store.load(pipeline.name);
  await store.save(pipeline.name, before, { ...emptyState, run: { ...run, steps } }, null);
}
