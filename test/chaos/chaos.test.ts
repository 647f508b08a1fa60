import { expect, test } from "vitest";
import { runChaos } from "./run-chaos.ts";

test("the program, killed six times behind proxies that cut, delay and duplicate, loses no trigger and repeats none without a reason", async () => {
  const findings = await runChaos({
    kills: 6,
    seed: 1,
    pipelines: 3,
    timeoutsSeconds: [5],
    lateShare: 0,
    maxPauseMs: 100,
    print: () => undefined,
  });
  expect(findings.violations, findings.lastLines.join("\n")).toEqual([]);
  expect(findings.kills).toBe(6);
  expect(findings.lost).toBe(0);
  expect(findings.repeats).not.toContain("unexplained");
  // At least the last run of each pipeline.
  expect(findings.runs.filter(({ status }) => status === "succeeded").length).toBeGreaterThanOrEqual(3);
}, 180_000);
