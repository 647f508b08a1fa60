// How much a transition writes, which is the same on every machine.
import { expect, test } from "vitest";
import { measureStepGrowth, sizes } from "./step-growth.ts";

const maxBytes = new Map<number, number>([
  [10, 1_250],
  [100, 7_000],
  [1_000, 61_000],
]);

test("a transition writes two items, and no more bytes for each than so far", async () => {
  const growth = await measureStepGrowth(2);
  expect(growth.map(({ steps }) => steps)).toEqual([...sizes]);
  for (const { steps, bytes } of growth) expect(bytes).toBeLessThanOrEqual(maxBytes.get(steps) ?? 0);
});
