import { expect, test } from "vitest";
import { runChaos } from "./run-chaos.ts";

test("killed ten times behind proxies that cut, delay and duplicate, the program loses no trigger and repeats none without a reason", async () => {
  const findings = await runChaos({
    kills: 10,
    seed: 1,
    pipelines: 4,
    timeoutsSeconds: [15],
    lateShare: 0,
    say: () => undefined,
  });
  expect(findings.violations, findings.lastLines.join("\n")).toEqual([]);
  expect(findings.kills).toBe(10);
  expect(findings.lost).toBe(0);
  expect(findings.repeats).not.toContain("unexplained");
  // The last run of each pipeline at the least.
  expect(findings.runs.filter(({ status }) => status === "succeeded").length).toBeGreaterThanOrEqual(4);
}, 180_000);
