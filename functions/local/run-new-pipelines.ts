// Runs every pipeline that has never run, so that a new user has something to see.
import { apply } from "../../shared/relay/apply.ts";
import { newRunId, type Relay } from "../../shared/relay/relay.ts";
import type { Run } from "../../shared/run/state.ts";

export type RunEnds = {
  observe: Relay["observe"];
  waitFor: (runId: string) => Promise<void>;
};

/** Observes runs to wait for the ends of some of them. */
export function createRunEnds(): RunEnds {
  const waiting = new Map<string, () => void>();
  return {
    observe: (before: Run | null, after: Run | null) => {
      if (after !== null && after.status !== "running") waiting.get(after.id)?.();
      // Another run has replaced it.
      if (before !== null && before.id !== after?.id) waiting.get(before.id)?.();
    },
    waitFor: (runId: string) => new Promise<void>((resolve) => waiting.set(runId, resolve)),
  };
}

/** Resolves when these runs have ended. */
export async function runNewPipelines(relay: Relay, runEnds: RunEnds): Promise<void> {
  const states = await relay.store.loadMany([...relay.pipelines.keys()]);
  const newPipelines = [...relay.pipelines.values()].filter(({ name }) => !states.get(name)?.run);
  await Promise.all(
    newPipelines.map(async (pipeline) => {
      const runId = newRunId(relay, pipeline);
      const hasEnded = runEnds.waitFor(runId);
      const { outcome } = await apply(relay, pipeline, {
        kind: "runRequested",
        newRunId: runId,
        cause: "manual",
        from: null,
      });
      // The run was not started if a schedule was faster.
      if (outcome.kind === "advanced") await hasEnded;
    }),
  );
}
