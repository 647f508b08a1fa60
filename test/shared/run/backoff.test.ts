import { describe, expect, test } from "vitest";
import { backoffMs } from "../../../shared/run/backoff.ts";

describe("the wait before the next attempt", () => {
  test("doubles from five seconds to five minutes, half of it random", () => {
    expect([1, 2, 3, 7, 100].map((attempt) => backoffMs(attempt, 0, null))).toEqual([
      2_500, 5_000, 10_000, 150_000, 150_000,
    ]);
    expect([1, 100].map((attempt) => backoffMs(attempt, 0.999, null))).toEqual([4_998, 299_850]);
  });

  test("is at least what the server asked for, but never more than an hour", () => {
    expect(backoffMs(1, 0, 60_000)).toBe(60_000);
    expect([1, 2, 5, 100].map((attempt) => backoffMs(attempt, 0.5, 0))).toEqual([
      1_500, 2_500, 16_500, 300_500,
    ]);
    expect(backoffMs(1, 0, 86_400_000)).toBe(3_600_000);
  });
});
