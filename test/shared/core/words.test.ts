import { describe, expect, test } from "vitest";
import { backoffMs } from "../../../shared/core/backoff.ts";
import { didYouMean } from "../../../shared/core/did-you-mean.ts";
import { durationPattern, formatDuration, parseDuration } from "../../../shared/core/duration.ts";
import { makeRunId, pipelineOfRunId } from "../../../shared/core/run-id.ts";

describe("a duration", () => {
  test.each([
    ["0s", 0],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["7d", 604_800_000],
  ])("%s is %i ms", (text, durationMs) => {
    expect(durationPattern.test(text)).toBe(true);
    expect(parseDuration(text)).toBe(durationMs);
  });

  test.each(["", "5", "s", "5 m", "1.5h", "-5m", "30m1h", "5M", "5ms"])("is not %j", (text) => {
    expect(durationPattern.test(text)).toBe(false);
  });

  test.each([
    [0, "0.0s"],
    [4_460, "4.5s"],
    [59_960, "1m 00s"],
    [245_000, "4m 05s"],
    [7_620_000, "2h 07m"],
  ])("of %i ms is told as %s", (durationMs, words) => {
    expect(formatDuration(durationMs)).toBe(words);
  });
});

describe("the word that was probably meant", () => {
  test.each([
    ["bse", ["base", "api"], '; did you mean "base"?'],
    ["form", ["from"], '; did you mean "from"?'],
    ["europe/paris", ["Europe/London", "Europe/Paris"], '; did you mean "Europe/Paris"?'],
    ["nope", ["base", "api"], ""],
    ["anything", [], ""],
  ])("for %s among %j is told as %j", (word, known, hint) => {
    expect(didYouMean(word, known)).toBe(hint);
  });
});

describe("the wait before the next try", () => {
  test("doubles from five seconds to five minutes, the half of it by chance", () => {
    expect([1, 2, 3, 7, 100].map((attempt) => backoffMs(attempt, 0, null))).toEqual([
      2_500, 5_000, 10_000, 150_000, 150_000,
    ]);
    expect([1, 100].map((attempt) => backoffMs(attempt, 0.999, null))).toEqual([4_998, 299_850]);
  });

  test("is never less than was asked for, nor longer than an hour", () => {
    expect(backoffMs(1, 0, 60_000)).toBe(60_000);
    expect([1, 2, 5, 100].map((attempt) => backoffMs(attempt, 0.5, 0))).toEqual([
      1_500, 2_500, 16_500, 300_500,
    ]);
    expect(backoffMs(1, 0, 86_400_000)).toBe(3_600_000);
  });
});

describe("a run's id", () => {
  test("tells its pipeline, and sorts by time", () => {
    const now = Date.UTC(2026, 10, 20, 3);
    expect(makeRunId("void-docker", now, 0.5)).toBe("void-docker.20261120T030000000-i00000");
    expect(pipelineOfRunId(makeRunId("a.b-c", now, 0.999))).toBe("a.b-c");
    expect(makeRunId("p", now, 0.9) < makeRunId("p", now + 1, 0.1)).toBe(true);
  });

  test.each(["", "p", "p.20261120T030000000-i0000", "p/20261120T030000000-i00000"])("is not %j", (id) => {
    expect(pipelineOfRunId(id)).toBeNull();
  });
});
