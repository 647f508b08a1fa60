// Runs each pipeline that has never run, to its end, so that a newcomer has something to see.
import type { Run } from "../../shared/core/run.ts";
import { apply } from "../../shared/relay/apply.ts";
import { newRunId, type Relay } from "../../shared/relay/relay.ts";

export type Ended = {
  observe: Relay["observe"];
  waitFor: (id: string) => Promise<void>;
};

/** Lets one wait for the end of a run. */
export function createEnded(): Ended {
  const waiting = new Map<string, () => void>();
  return {
    observe: (before: Run | null, after: Run | null) => {
      if (after !== null && after.status !== "running") waiting.get(after.id)?.();
      // Another run has taken its place.
      if (before !== null && before.id !== after?.id) waiting.get(before.id)?.();
    },
    waitFor: (id: string) => new Promise<void>((resolve) => waiting.set(id, resolve)),
  };
}

export async function runFirstRuns(relay: Relay, ended: Ended): Promise<void> {
  const states = await relay.store.loadMany([...relay.pipelines.keys()]);
  const fresh = [...relay.pipelines.values()].filter(({ name }) => !states.get(name)?.run);
  await Promise.all(
    fresh.map(async (pipeline) => {
      const newRun = newRunId(relay, pipeline);
      const isOver = ended.waitFor(newRun);
      const { outcome } = await apply(relay, pipeline, {
        kind: "runRequested",
        newRunId: newRun,
        cause: "manual",
        from: null,
        scheduledFor: null,
        news: null,
      });
      // A schedule may have been faster.
      if (outcome.kind === "advanced") await isOver;
    }),
  );
}
