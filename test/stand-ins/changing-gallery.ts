// Serves the app with a pipeline whose state a test changes, as a run goes on: for tests of what pages do meanwhile.
import { listen } from "../../functions/local/server/listen.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import type { PipelineState, Run } from "../../shared/run/state.ts";
import { keepRuns, pastRun } from "./past-runs.ts";
import { startFixture } from "./relay.ts";

const minute = 60_000;

const family = {
  schedule: { every: "6h" },
  steps: {
    base: { image: "acme/base:latest" },
    ...Object.fromEntries(
      ["api", "web", "docs", "jobs"].map((name) => [name, { image: `acme/${name}:latest`, after: "base" }]),
    ),
    all: { image: "acme/all:latest", after: ["api", "web", "docs", "jobs"] },
  },
} as const;

/** A moment of a run of 18 minutes: each step takes 6. */
export const moments = {
  "nothing is triggered yet": -1,
  "the first step is built": 1,
  "four steps are built side by side": 7,
  "the last step is built": 13,
  "the run has succeeded": 30,
} as const;
export type Moment = keyof typeof moments;

export type ChangingGallery = {
  origin: string;
  /** The run that goes on. */
  run: Run;
  show: (moment: Moment) => Promise<void>;
  startNext: () => Promise<void>;
  /** A look finds the images of the family stale, one more each time. */
  look: () => Promise<void>;
  /** Looks find all images fresh. */
  lookAtAll: () => Promise<void>;
  stop: () => Promise<void>;
};

export async function startChangingGallery(): Promise<ChangingGallery> {
  const others = Array.from({ length: 12 }, (_, index) => [
    `service-${index}`,
    { image: `acme/service-${index}`, sequence: ["a", "b"] },
  ]);
  const fixture = await startFixture({ family, ...Object.fromEntries(others) });
  const { store, pipelines, clock } = fixture.relay;
  const start = clock() - 20 * minute;
  const takesMs = () => 6 * minute;
  const pipeline = pipelines.get("family");
  if (pipeline === undefined) throw new Error("expected the pipeline family, found none");
  const before = Array.from({ length: 12 }, (_, index) =>
    pastRun(pipeline, { startedAt: start - (12 - index) * 100 * minute, takesMs }),
  );
  await keepRuns(store, pipeline, before);
  for (const other of pipelines.values()) {
    if (other !== pipeline) await keepRuns(store, other, [pastRun(other, { startedAt: start, takesMs })]);
  }
  const save = async (change: (state: PipelineState) => PipelineState) => {
    const loaded = await store.load("family");
    const { run } = loaded.state;
    const state = change(loaded.state);
    const isReplaced = run !== null && run.status !== "running" && run.id !== state.run?.id;
    const saved = await store.save("family", loaded, state, isReplaced ? run : null);
    if (saved.kind !== "saved") throw new Error("expected to be the only writer, found another version");
  };
  const runAt = (moment: Moment) => runAfter(pipeline, start, moments[moment] * minute);
  let looks = 0;
  const server = await listen(fixture.app.fetch, "127.0.0.1", 0);
  return {
    origin: server.origin,
    run: runAt("nothing is triggered yet"),
    show: (moment) => save((state) => ({ ...state, run: runAt(moment) })),
    startNext: () => save((state) => ({ ...state, run: runAfter(pipeline, start + 19 * minute, -1) })),
    look: () => {
      looks += 1;
      const images = family.steps.all.after.slice(0, looks).map((step) => ({
        step,
        state: "stale" as const,
        since: start,
        because: "stands on another version of acme/base:latest, which is sha256:3f1d9c2b7a60 now",
      }));
      return save((state) => ({ ...state, look: { at: clock(), images } }));
    },
    lookAtAll: async () => {
      for (const name of pipelines.keys()) {
        const loaded = await store.load(name);
        await store.save(name, loaded, { ...loaded.state, look: { at: clock(), images: [] } }, null);
      }
    },
    stop: async () => {
      await server.close();
      await fixture.stop();
    },
  };
}

/** What a run looks like some time after its start; before its start, its first steps are still to be triggered. */
function runAfter(pipeline: Pipeline, startedAt: number, ms: number): Run {
  const takesMs = () => 6 * minute;
  if (ms >= 0) return pastRun(pipeline, { startedAt, takesMs, now: startedAt + ms });
  const run = pastRun(pipeline, { startedAt, takesMs, now: startedAt });
  const steps = run.steps.map((step) =>
    step.state === "building"
      ? {
          ...step,
          attempts: 0,
          triggeredAt: null,
          build: null,
          state: "due" as const,
          dueAt: startedAt,
          phase: "delayed" as const,
          giveUpAt: null,
          reason: null,
        }
      : step,
  );
  return { ...run, status: "running", steps };
}
