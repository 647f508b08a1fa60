import { Cron as Croner } from "croner";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCron } from "../../../shared/pipeline/cron.ts";

const values = (expression: string) => {
  const parsed = parseCron(expression);
  return parsed.kind === "cron" ? parsed.cron.fields.map((field) => field.values) : parsed.problem;
};
const all = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a cron expression", () => {
  test.each([
    ["0 0 * * *", [[0], [0], all(1, 31), all(1, 12), all(0, 6)]],
    [
      "*/15 1-3 1,15 JAN-MAR mon-fri",
      [
        [0, 15, 30, 45],
        [1, 2, 3],
        [1, 15],
        [1, 2, 3],
        [1, 2, 3, 4, 5],
      ],
    ],
    ["5-59/20 0 1 1 7", [[5, 25, 45], [0], [1], [1], [0]]],
    ["17 3 * * 5-7", [[17], [3], all(1, 31), all(1, 12), [0, 5, 6]]],
    ["  0   0 29 2 *  ", [[0], [0], [29], [2], all(0, 6)]],
  ])("%j is parsed field by field", (expression, expected) => {
    expect(values(expression)).toEqual(expected);
  });

  test.each([
    ["", "expected five fields (minute, hour, day of the month, month, day of the week), found 1"],
    ["* * * *", "expected five fields (minute, hour, day of the month, month, day of the week), found 4"],
    ["0 0 0 * * *", "expected five fields (minute, hour, day of the month, month, day of the week), found 6"],
    ["@daily", "expected five fields"],
    ["60 * * * *", 'as minute, found "60"'],
    ["*/0 * * * *", 'as minute, found "*/0"'],
    ["5/20 * * * *", 'as minute, found "5/20"'],
    ["* * * * */8", 'as day of the week, found "*/8"'],
    ["5-1 * * * *", 'as minute, found "5-1"'],
    ["* * L * *", 'as day of the month, found "L"'],
    ["* * 0 * *", 'as day of the month, found "0"'],
    ["* * ? * *", 'as day of the month, found "?"'],
    ["* * * 13 *", 'as month, found "13"'],
    ["* * * * MONDAY", 'as day of the week, found "MONDAY"'],
    ["* * * * 1#2", 'as day of the week, found "1#2"'],
    ["1,,2 * * * *", 'as minute, found "1,,2"'],
    ["0 0 31 2 *", "expected a date that exists, found none"],
    ["0 0 31 4,6,9,11 *", "expected a date that exists, found none"],
  ])("%j is rejected with the reason", (expression, reason) => {
    expect(values(expression)).toContain(reason);
  });

  test("that is accepted has a next start", () => {
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant("*"),
        fc.integer({ min, max }).map(String),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
          .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc.integer({ min: 1, max: 60 }).map((step) => `*/${step}`),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: 60 }))
          .map(([a, step]) => `${a}/${step}`),
        fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${a},${b}`),
      );
    fc.assert(
      fc.property(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6), (...fields) => {
        const expression = fields.join(" ");
        if (parseCron(expression).kind !== "cron") return;
        const next = new Croner(expression, { mode: "5-part", paused: true }).nextRun(
          new Date("2026-01-01T00:00:00Z"),
        );
        expect(next).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
