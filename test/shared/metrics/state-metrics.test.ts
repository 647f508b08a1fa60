import { expect, test } from "vitest";
import { writeMetrics } from "../../../shared/metrics/exposition.ts";
import { stateMetrics } from "../../../shared/metrics/state-metrics.ts";
import { emptyState, type PipelineState } from "../../../shared/run/state.ts";
import { parseMetrics } from "../../stand-ins/parse-metrics.ts";
import { pipelineOf, t0 } from "../run/story.ts";

const pipeline = pipelineOf({ sequence: ["acme/p:1", "acme/p:2", "acme/p:3"] });
const valuesOf = (state: PipelineState, name: string) =>
  parseMetrics(writeMetrics(stateMetrics([{ pipeline, state }], t0)))
    .get(name)
    ?.metrics.map(({ labels, value }) => [labels.step ?? labels.pipeline, labels.state, Number(value)]);

test("of a pipeline that has never run, only what is known is there", () => {
  expect(valuesOf(emptyState, "tagrelay_run")).toBeUndefined();
  expect(valuesOf(emptyState, "tagrelay_image")).toBeUndefined();
  expect(valuesOf(emptyState, "tagrelay_outage_seconds")).toEqual([["p", undefined, 0]]);
});

test("each image has its freshness, and the age of what it stands on", () => {
  const look = {
    at: t0 - 60_000,
    images: [
      { step: "acme/p:1", state: "stale" as const, since: t0 - 3_600_000, because: "debian:12 changed" },
      { step: "acme/p:2", state: "unknown" as const, since: null, because: "private" },
    ],
  };
  const state = { ...emptyState, look };
  expect(valuesOf(state, "tagrelay_image")).toEqual([
    ["acme/p:1", "stale", 1],
    ["acme/p:2", "unknown", 1],
    ["acme/p:3", "fresh", 1],
  ]);
  expect(valuesOf(state, "tagrelay_image_behind_seconds")).toEqual([
    ["acme/p:1", undefined, 3_600],
    ["acme/p:3", undefined, 0],
  ]);
  expect(valuesOf(state, "tagrelay_look_timestamp_seconds")).toEqual([
    ["p", undefined, (t0 - 60_000) / 1_000],
  ]);
});

test("a pipeline that the sweep should have looked at is overdue", () => {
  expect(valuesOf({ ...emptyState, lookAt: t0 - 90_000 }, "tagrelay_overdue_seconds")).toEqual([
    ["p", undefined, 90],
  ]);
  expect(valuesOf({ ...emptyState, lookAt: t0 + 90_000 }, "tagrelay_overdue_seconds")).toEqual([
    ["p", undefined, 0],
  ]);
});
