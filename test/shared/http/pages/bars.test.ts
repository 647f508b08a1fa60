import { expect, test } from "vitest";
import { compileConfig } from "../../../../shared/core/compile.ts";
import { barsOf, scaleOf } from "../../../../shared/http/pages/bars.ts";
import { pastRun } from "../../../stand-ins/past-runs.ts";

const [chain, family] = compileConfig({
  pipelines: {
    chain: { image: "acme/chain", sequence: ["a", "b", "c"] },
    family: { image: "acme/family", sequence: ["base", ["api", "web"]] },
  },
}).pipelines;
if (chain === undefined || family === undefined) throw new Error("expected two pipelines");
const takesMs = () => 1_000;

test("the bars of a chain stand in one lane, those of a stage below one another", () => {
  const lanes = (run: Parameters<typeof barsOf>[0]) =>
    barsOf(run, 0).map(({ step, from, to, lane }) => [step.name, from, to, lane]);
  expect(lanes(pastRun(chain, { startedAt: 5_000, takesMs }))).toEqual([
    ["a", 0, 1_000, 0],
    ["b", 1_000, 2_000, 0],
    ["c", 2_000, 3_000, 0],
  ]);
  expect(lanes(pastRun(family, { startedAt: 5_000, takesMs }))).toEqual([
    ["base", 0, 1_000, 0],
    ["api", 1_000, 2_000, 0],
    ["web", 1_000, 2_000, 1],
  ]);
});

test("a bar of what is being built ends now, and what has not begun has none", () => {
  const run = pastRun(chain, { startedAt: 0, takesMs, now: 1_500 });
  expect(barsOf(run, 1_800).map(({ step, to }) => [step.name, to])).toEqual([
    ["a", 1_000],
    ["b", 1_800],
  ]);
});

test("the scale is that of the longest run, but for one that was retried days later", () => {
  const runs = [1, 2, 3, 1_000].map((factor) =>
    pastRun(chain, { startedAt: 0, takesMs: () => factor * 1_000 }),
  );
  expect(scaleOf(runs.slice(0, 3), 0)).toBe(9_000);
  expect(scaleOf(runs, 0)).toBe(9_000);
  expect(scaleOf([], 0)).toBe(1);
});
