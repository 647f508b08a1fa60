import { expect, test } from "vitest";
import { usualDurations } from "../../../../functions/cli/watch/usual-durations.ts";
import type { RunAnswer } from "../../../../shared/http/api/answers.ts";

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
function runOf(...seconds: (number | null)[]): RunAnswer {
  const steps = seconds.map((taken, index) => {
    const step = { name: `s${index}`, image: "acme/a:1", attempts: 1, triggeredAt: at(100) };
    return taken === null
      ? { ...step, state: "failed" as const, failedAt: at(999), reason: "" }
      : { ...step, state: "done" as const, doneAt: at(100 + taken) };
  });
  return {
    id: "r",
    pipeline: "p",
    cause: "manual",
    startedAt: at(1),
    status: "failed",
    endedAt: at(1),
    steps,
  };
}

test.each([
  ["one build", [[4]], 4_000],
  ["the median of three", [[4], [60], [5]], 5_000],
  ["the mean of the two in the middle", [[4], [60], [5], [7]], 6_000],
  ["failed builds do not count", [[4], [null], [null]], 4_000],
])("the usual duration of a step: %s", (_name, runs, usualMs) => {
  expect(usualDurations(runs.map((seconds) => runOf(...seconds))).get("s0")).toBe(usualMs);
});

test("the usual duration of a step that was never built is unknown", () => {
  expect(usualDurations([]).get("s0")).toBeUndefined();
  expect(usualDurations([runOf(null)]).get("s0")).toBeUndefined();
});
