// Metrics that the stored states tell: the same on one machine and on Lambda, and after a restart.
import { imageName } from "../image/image.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { nextStart } from "../pipeline/schedule.ts";
import { findCompletion } from "../run/bases.ts";
import { freshnessOf } from "../run/freshness-of.ts";
import { pipelineOfRun } from "../run/run-parameters.ts";
import { type PipelineState, type Run, wakeAtOf } from "../run/state.ts";
import type { Metric, Sample } from "./exposition.ts";

export type PipelineEntry = { pipeline: Pipeline; state: PipelineState };

export function stateMetrics(entries: readonly PipelineEntry[], now: number): Metric[] {
  /** A sample for each pipeline that has a value. */
  const each = (name: string, help: string, read: (entry: PipelineEntry) => number | null): Metric => ({
    name,
    help,
    type: "gauge",
    samples: entries.flatMap((entry) => {
      const value = read(entry);
      return value === null ? [] : [{ labels: { pipeline: entry.pipeline.name }, value }];
    }),
  });
  return [
    {
      ...{
        name: "tagrelay_run",
        help: "1 for the status of each pipeline's active or last run.",
        type: "gauge",
      },
      samples: entries.flatMap(runSamples),
    },
    {
      name: "tagrelay_run_steps",
      help: "The steps of that run, by state.",
      type: "gauge",
      samples: entries.flatMap(stepSamples),
    },
    each("tagrelay_run_start_timestamp_seconds", "When that run started.", ({ state }) =>
      state.run === null ? null : state.run.startedAt / 1_000,
    ),
    each("tagrelay_run_end_timestamp_seconds", "When that run ended.", ({ state }) => endOf(state.run)),
    each(
      "tagrelay_outage_seconds",
      "For how long the pipeline has been failing; 0 if it is not.",
      ({ state }) => (state.outage === null ? 0 : seconds(now - state.outage.since)),
    ),
    each(
      "tagrelay_next_start_timestamp_seconds",
      "When the schedule starts the next run.",
      ({ pipeline }) => {
        const next = pipeline.schedule === null ? null : nextStart(pipeline.schedule, now);
        return next === null ? null : next / 1_000;
      },
    ),
    each(
      "tagrelay_overdue_seconds",
      "How late the sweep is with the pipeline; 0 if it is not.",
      ({ state }) => seconds(now - (wakeAtOf(state) ?? now)),
    ),
    each(
      "tagrelay_outbox",
      "Notices and starts of other pipelines that are still to be done.",
      ({ state }) => state.outbox.length,
    ),
    ...imageMetrics(entries, now),
  ];
}

function runSamples({ pipeline, state: { run } }: PipelineEntry): Sample[] {
  return run === null ? [] : [{ labels: { pipeline: pipeline.name, status: run.status }, value: 1 }];
}

function stepSamples({ pipeline, state: { run } }: PipelineEntry): Sample[] {
  const byState = Map.groupBy(run?.steps ?? [], ({ state }) => state);
  return [...byState].map(([state, steps]) => ({
    labels: { pipeline: pipeline.name, state },
    value: steps.length,
  }));
}

function endOf(run: Run | null): number | null {
  return run === null || run.status === "running" ? null : run.endedAt / 1_000;
}

function imageMetrics(entries: readonly PipelineEntry[], now: number): Metric[] {
  const images = entries.flatMap(({ pipeline, state }) =>
    (state.look === null ? [] : freshnessOf(pipeline, state.look, state)).flatMap((found) => {
      const { name, image } = found.step;
      const labels = { pipeline: pipeline.name, step: name };
      return image === null ? [] : [{ ...found, labels: { ...labels, image: imageName(image) } }];
    }),
  );
  const isBehind = (state: string) => state === "stale" || state === "behind";
  const pushed = entries.flatMap(({ pipeline, state: { completions, run } }) =>
    pipelineOfRun(pipeline, run).steps.flatMap(({ name, image }) => {
      const at = findCompletion(completions, name)?.at;
      if (at === undefined || image === null) return [];
      return [
        { labels: { pipeline: pipeline.name, step: name, image: imageName(image) }, value: at / 1_000 },
      ];
    }),
  );
  return [
    {
      name: "tagrelay_image",
      type: "gauge",
      help: "1 for each image whose freshness was looked up, with its state.",
      samples: images.map(({ labels, state }) => ({ labels: { ...labels, state }, value: 1 })),
    },
    {
      name: "tagrelay_image_behind_seconds",
      type: "gauge",
      help: "For how long a base of the image has had a newer version; 0 if the image is fresh.",
      samples: images.flatMap(({ labels, state, since }) => {
        if (!isBehind(state)) return state === "fresh" ? [{ labels, value: 0 }] : [];
        return since === null ? [] : [{ labels, value: seconds(now - since) }];
      }),
    },
    {
      name: "tagrelay_image_pushed_timestamp_seconds",
      type: "gauge",
      help: "When the image was last pushed, as far as Tagrelay knows.",
      samples: pushed,
    },
    {
      name: "tagrelay_look_timestamp_seconds",
      type: "gauge",
      help: "When the registries were last asked whether the pipeline's images are fresh.",
      samples: entries.flatMap(({ pipeline, state: { look } }) =>
        look === null ? [] : [{ labels: { pipeline: pipeline.name }, value: look.at / 1_000 }],
      ),
    },
  ];
}

function seconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}
