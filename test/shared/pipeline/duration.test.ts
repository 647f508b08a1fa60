import { describe, expect, test } from "vitest";
import { durationPattern, formatDuration, parseDuration } from "../../../shared/pipeline/duration.ts";

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
  ])("of %i ms is shown as %s", (durationMs, words) => {
    expect(formatDuration(durationMs)).toBe(words);
  });
});
