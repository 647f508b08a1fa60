import { expect, test } from "vitest";
import { compileConfig } from "../../../../shared/config/compile.ts";
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

test("the bars of a chain share a lane, and those of parallel steps do not", () => {
  const lanes = (run: Parameters<typeof barsOf>[0]) =>
    barsOf(run, 0).map(({ stepRun, from, to, lane }) => [stepRun.name, from, to, lane]);
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

test("the bar of a step that is building ends now, and a step that has not begun has none", () => {
  const run = pastRun(chain, { startedAt: 0, takesMs, now: 1_500 });
  expect(barsOf(run, 1_800).map(({ stepRun, to }) => [stepRun.name, to])).toEqual([
    ["a", 1_000],
    ["b", 1_800],
  ]);
});

test("the scale is the longest run, unless that was retried days later", () => {
  const runs = [1, 2, 3, 1_000].map((factor) =>
    pastRun(chain, { startedAt: 0, takesMs: () => factor * 1_000 }),
  );
  expect(scaleOf(runs.slice(0, 3), 0)).toBe(9_000);
  expect(scaleOf(runs, 0)).toBe(9_000);
  expect(scaleOf([], 0)).toBe(1);
});
